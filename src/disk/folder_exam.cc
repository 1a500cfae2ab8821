#include "disk/folder_exam.h"

#include <algorithm>
#include <set>
#include <utility>

#include "disk/append_body.h"
#include "disk/journal_replay.h"
#include "disk/read_file.h"
#include "log/log.h"

namespace daybook::disk {
namespace {

log::NewRecord CopyOf(const log::RecordView& record) {
  log::NewRecord copy;
  if (record.key) copy.key = std::string(*record.key);
  for (const auto& [name, value] : record.headers) copy.headers.emplace_back(name, value);
  copy.value = record.value;
  return copy;
}

log::RecordView ViewOf(const CatalogueRecord& record) {
  log::RecordView view;
  view.offset = record.offset;
  if (record.record.key) view.key = *record.record.key;
  view.value = record.record.value;
  return view;
}

// What a first start leaves that did not come to its end.
bool IsEmpty(const ExaminedLog& log) {
  return !log.IsDamaged() && log.segments.size() == 1 && log.next_offset == Offset(0);
}

class FolderExam {
 public:
  FolderExam(FileSystem& files, const std::string& path, const FolderExamOptions& options)
      : files_(files), options_(options) {
    found_.path = path;
    exam_hooks_.on_bytes = options.on_bytes;
  }

  Result<ExaminedFolder> Run() {
    const Result<std::vector<std::string>> names = files_.List(found_.path);
    if (!names.ok()) return names.status();
    for (const std::string& name : *names) {
      if (const auto id = log::LogId::Parse(name)) folders_.push_back(*id);
    }
    TellTotal(HasName(*names, kCatalogue));
    if (HasName(*names, kIncomplete)) {
      AddFault(Fault::Kind::kUnknown, found_.path + "/" + std::string(kIncomplete),
               "the folder is a backup or a restore that was not finished; make it again");
    }
    if (HasName(*names, kCatalogue)) {
      if (Status status = ExamineCatalogue(); !status.ok()) return status;
    }
    if (Status status = ExamineLogs(); !status.ok()) return status;
    if (!found_.catalogue) SeeThatNothingIsThere();
    if (Status status = ExamineJournals(); !status.ok()) return status;
    return std::move(found_);
  }

 private:
  void TellTotal(bool has_catalogue) {
    std::vector<std::string> folders;
    if (has_catalogue) folders.push_back(CatalogueFolderIn(found_.path));
    for (const log::LogId& id : folders_) folders.push_back(LogFolderIn(found_.path, id));
    std::uint64_t total = 0;
    for (const std::string& folder : folders) {
      const Result<LogFiles> look = LookIntoLog(files_, folder);
      if (!look.ok()) continue;
      for (const SegmentFile& segment : look->segments) {
        const Result<std::unique_ptr<File>> file =
            files_.Open(segment.path, FileSystem::Mode::kRead);
        if (const auto size = file.ok() ? (*file)->Size() : 0; size.ok()) total += *size;
      }
    }
    options_.on_total(total);
  }

  Status ExamineJournals() {
    const Result<std::vector<std::string>> journals = ListJournals(files_, found_.path);
    if (!journals.ok()) return journals.status();
    for (const std::string& path : *journals) {
      Result<bool> holds = CheckJournal(files_, path);
      // A server may have begun to use it again while it was read.
      if (!holds.ok()) holds = CheckJournal(files_, path);
      if (holds.status().code() == StatusCode::kDamaged) {
        const Result<std::string> bytes = ReadFile(files_, path, kSegmentHeaderBytes);
        const bool later = bytes.ok() && IsOfLaterVersion(*bytes);
        AddFault(later ? Fault::Kind::kUnknown : Fault::Kind::kDamage, path,
                 holds.status().message());
        found_.journal_damaged = true;
      } else if (holds.status().code() == StatusCode::kNotFound) {
        continue;  // the server that has it needs it no more
      } else if (!holds.ok()) {
        return holds.status();
      }
      if (!holds.ok() || *holds) found_.journals.push_back(path);
    }
    return {};
  }

  Status ExamineCatalogue() {
    const Result<LogFiles> look = LookIntoLog(files_, CatalogueFolderIn(found_.path));
    if (!look.ok()) return look.status();
    ExamHooks hooks = exam_hooks_;
    hooks.on_frame = [this](const std::string& path, const FrameWalk::Frame& frame) {
      TakeRecords(path, frame);
    };
    Result<ExaminedLog> catalogue = ExamineLog(files_, *look, CatalogueId(*look), hooks);
    if (!catalogue.ok()) return catalogue.status();
    found_.catalogue = std::move(*catalogue);
    found_.entries = state_.entries();
    const bool has_default = FindByName(found_.entries, log::kDefaultLog) != nullptr;
    for (std::size_t i = 1; i < found_.entries.size(); ++i) {
      if (found_.entries[i].name != found_.entries[i - 1].name) continue;
      AddFault(Fault::Kind::kDamage, CatalogueFolderIn(found_.path),
               "it names two logs '" + found_.entries[i].name + "'");
    }
    found_.catalogue_damaged =
        HasFault(found_.faults, Fault::Kind::kDamage) || found_.catalogue->IsDamaged();
    if (!has_default && !found_.catalogue_damaged) {
      found_.catalogue_damaged = true;
      AddFault(Fault::Kind::kDamage, CatalogueFolderIn(found_.path),
               "it does not name the log 'default'");
    }
    return {};
  }

  // The ids that the headers of segments have.
  std::vector<log::LogId> IdsIn(const LogFiles& look) const {
    std::vector<log::LogId> ids;
    for (const SegmentFile& segment : look.segments) {
      const Result<std::string> bytes = ReadFile(files_, segment.path, kSegmentHeaderBytes);
      if (!bytes.ok()) continue;
      if (const auto header = DecodeSegmentHeader(*bytes); header.ok()) ids.push_back(header->log);
    }
    return ids;
  }

  // No name says it; but that of a log is another's.
  log::LogId CatalogueId(const LogFiles& look) const {
    std::vector<log::LogId> ids = IdsIn(look);
    if (look.meta.ok()) ids.insert(ids.begin(), look.meta->log);
    for (const log::LogId& id : ids) {
      if (std::find(folders_.begin(), folders_.end(), id) == folders_.end()) return id;
    }
    return log::LogId::Random();
  }

  // Where meta and the folder's name do not agree, what most segments say.
  log::LogId IdOf(const log::LogId& folder, const LogFiles& look) const {
    if (!look.meta.ok() || look.meta->log == folder) return folder;
    const std::vector<log::LogId> ids = IdsIn(look);
    const auto votes = [&](const log::LogId& id) { return std::count(ids.begin(), ids.end(), id); };
    return votes(folder) >= votes(look.meta->log) ? folder : look.meta->log;
  }

  void TakeRecords(const std::string& path, const FrameWalk::Frame& frame) {
    if (frame.header.type == FrameType::kLost) {
      found_.faults.push_back({Fault::Kind::kDamage,
                               path,
                               frame.position,
                               "records of the catalogue are lost",
                               {},
                               {}});
    }
    if (frame.header.type != FrameType::kAppend) return;
    AppendBodyReader records(frame.body);
    for (Offset offset = frame.header.first_offset; auto record = records.Next();
         offset = offset + 1) {
      record->offset = offset;
      found_.catalogue_records.push_back({offset, CopyOf(*record)});
      const Status applied = state_.Apply(*record);
      if (applied.ok()) continue;
      // Of a log of which the catalogue has lost the beginning, or of a kind that is not known.
      const bool known = applied.code() == StatusCode::kNotFound;
      found_.faults.push_back({known ? Fault::Kind::kDamage : Fault::Kind::kUnknown,
                               path,
                               frame.position,
                               known ? "a record is about a log that there is not"
                                     : "a record is of a kind that this program does not know",
                               {},
                               {}});
    }
  }

  Status ExamineLogs() {
    for (const CatalogueEntry& entry : found_.entries) {
      const auto folder = std::find(folders_.begin(), folders_.end(), entry.id);
      if (folder == folders_.end()) {
        found_.missing.push_back(entry);
        AddFault(Fault::Kind::kDamage, LogFolderIn(found_.path, entry.id),
                 "there is no folder for the log '" + entry.name + "'");
        continue;
      }
      if (Status status = ExamineOne(entry.id, entry.name); !status.ok()) return status;
      folders_.erase(folder);
    }
    for (const log::LogId& id : folders_) {
      if (found_.catalogue && !found_.catalogue_damaged) {
        found_.leftovers.push_back(LogFolderIn(found_.path, id));
      } else if (Status status = ExamineOne(id, ""); !status.ok()) {
        return status;
      }
    }
    return {};
  }

  Status ExamineOne(const log::LogId& id, const std::string& name) {
    Result<LogFiles> look = LookIntoLog(files_, LogFolderIn(found_.path, id));
    if (!look.ok()) return look.status();
    const log::LogId own_id = IdOf(id, *look);
    if (options_.places_misnamed) {
      const std::vector<MisnamedSegment> placed = PlaceMisnamed(files_, own_id, *look);
      found_.misnamed.insert(found_.misnamed.end(), placed.begin(), placed.end());
    }
    Result<ExaminedLog> log = ExamineLog(files_, *look, own_id, exam_hooks_);
    if (!log.ok()) return log.status();
    found_.logs.push_back({name, std::move(*log)});
    return {};
  }

  void SeeThatNothingIsThere() {
    const bool nothing = std::all_of(found_.logs.begin(), found_.logs.end(),
                                     [](const NamedExam& each) { return IsEmpty(each.log); });
    if (nothing) return;
    found_.catalogue_damaged = true;
    AddFault(Fault::Kind::kDamage, CatalogueFolderIn(found_.path),
             "it is missing, and there are logs");
  }

  void AddFault(Fault::Kind kind, std::string path, std::string what) {
    found_.faults.push_back({kind, std::move(path), 0, std::move(what), {}, {}});
  }

  FileSystem& files_;
  const FolderExamOptions& options_;
  ExamHooks exam_hooks_;
  CatalogueState state_;
  std::vector<log::LogId> folders_;  // that no entry has named yet
  ExaminedFolder found_;
};

}  // namespace

CatalogueState ExaminedFolder::Recovered() const {
  std::vector<CatalogueEntry> wanted = entries;
  std::vector<const ExaminedLog*> unnamed;
  for (const NamedExam& each : logs) {
    if (each.name.empty()) unnamed.push_back(&each.log);
  }
  std::stable_sort(unnamed.begin(), unnamed.end(), [](const ExaminedLog* a, const ExaminedLog* b) {
    return a->next_offset > b->next_offset;
  });
  for (const ExaminedLog* log : unnamed) {
    const std::string name = FindByName(wanted, log::kDefaultLog) != nullptr
                                 ? "recovered-" + log->id.ToString()
                                 : std::string(log::kDefaultLog);
    wanted.push_back({log->id, name, log->created, {}});
  }
  // Of those that share a name the one that was made last has it: the others were deleted before.
  std::vector<log::NewRecord> deletions;
  std::stable_sort(
      wanted.begin(), wanted.end(),
      [](const CatalogueEntry& a, const CatalogueEntry& b) { return a.created > b.created; });
  std::set<std::string> names;
  CatalogueState state;
  for (CatalogueEntry& entry : wanted) {
    const bool is_gone = std::any_of(missing.begin(), missing.end(),
                                     [&](const auto& each) { return each.id == entry.id; });
    const bool is_taken = !names.insert(entry.name).second;
    if (is_taken && is_gone) deletions.push_back(DeletionOf(entry.id));
    if (is_taken) entry.name = "recovered-" + entry.id.ToString();
    state.Add({entry.id, entry.name, entry.created, {}});
  }
  for (const CatalogueRecord& record : catalogue_records) (void)state.Apply(ViewOf(record));
  for (const log::NewRecord& record : deletions) (void)state.Apply(ViewOf({Offset(), record}));
  return state;
}

std::vector<Fault> ExaminedFolder::AllFaults() const {
  std::vector<Fault> all = faults;
  if (catalogue) all.insert(all.end(), catalogue->faults.begin(), catalogue->faults.end());
  for (const NamedExam& each : logs)
    all.insert(all.end(), each.log.faults.begin(), each.log.faults.end());
  return all;
}

Result<ExaminedFolder> ExamineFolder(FileSystem& files, const std::string& path,
                                     const FolderExamOptions& options) {
  return FolderExam(files, path, options).Run();
}

}  // namespace daybook::disk
