#include "disk/folder_repair.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "disk/append_body.h"
#include "disk/journal_replay.h"
#include "disk/log_folder.h"
#include "disk/segment_writer.h"
#include "log/log.h"

namespace daybook::disk {
namespace {

// What no repair of this program's mends.
Status SeeThatAllIsKnown(const ExaminedFolder& exam) {
  for (const Fault& fault : exam.AllFaults()) {
    if (fault.kind == Fault::Kind::kUnknown) return Damaged(fault.path, fault.position, fault.what);
  }
  return {};
}

void PlanCatalogue(FolderRepair& repair, Timestamp now) {
  repair.made = repair.exam.missing;
  if (!repair.exam.catalogue_damaged) return;
  repair.catalogue = repair.exam.Recovered();
  const std::vector<CatalogueEntry> kept = repair.catalogue->entries();
  std::erase_if(repair.made, [&](const CatalogueEntry& made) {
    return std::none_of(kept.begin(), kept.end(),
                        [&](const CatalogueEntry& each) { return each.id == made.id; });
  });
  if (FindByName(repair.catalogue->entries(), log::kDefaultLog) != nullptr) return;
  const CatalogueEntry entry{log::LogId::Random(), std::string(log::kDefaultLog), now, {}};
  repair.made.push_back(entry);
  repair.catalogue->Add(entry);
}

// Puts a segment that says all behind those that there are, and has the catalogue begin there.
class CatalogueRepair {
 public:
  CatalogueRepair(FileSystem& files, const ExaminedLog& catalogue)
      : files_(files), catalogue_(catalogue) {}

  Status Run(const log::Batch& records, Timestamp now) {
    const std::vector<std::string> old = Segments();
    const Offset first_offset = BehindAll(old);
    Result<std::unique_ptr<SegmentWriter>> writer =
        SegmentWriter::Create(files_, catalogue_.folder, catalogue_.id, first_offset, now);
    if (!writer.ok()) return writer.status();
    std::optional<EncodedAppend> frame = EncodeAppend(records, {});
    if (!frame) return {StatusCode::kTooLarge, "the catalogue is larger than a frame can be"};
    if (Status status = (*writer)->BeginWith(std::move(*frame), now); !status.ok()) return status;
    if (Status status = (*writer)->CutToSize(); !status.ok()) return status;
    for (const std::string& path : old) {
      if (Status status = KeepDamaged(files_, path); !status.ok()) return status;
    }
    if (Status status = (*writer)->Publish(); !status.ok()) return status;
    if (Status status = ReplaceMeta(files_, catalogue_.folder, {catalogue_.id, first_offset});
        !status.ok()) {
      return status;
    }
    for (const std::string& path : old) {
      if (Status status = files_.Remove(path); !status.ok()) return status;
    }
    return files_.SyncFolder(catalogue_.folder);
  }

 private:
  std::vector<std::string> Segments() const {
    std::vector<std::string> paths;
    const Result<std::vector<std::string>> names = files_.List(catalogue_.folder);
    if (!names.ok()) return paths;
    for (const std::string& name : *names) {
      if (ParseSegmentName(name)) paths.push_back(catalogue_.folder + "/" + name);
    }
    return paths;
  }

  Offset BehindAll(const std::vector<std::string>& paths) const {
    // There was never an offset as large as some that a file's name may say.
    constexpr Offset kOffsetMax(UINT64_MAX / 2);
    Offset behind = catalogue_.next_offset < kOffsetMax ? catalogue_.next_offset : Offset();
    for (const std::string& path : paths) {
      const Offset first_offset = *ParseSegmentName(path.substr(path.rfind('/') + 1));
      if (first_offset < kOffsetMax) behind = std::max(behind, first_offset + 1);
    }
    return behind;
  }

  FileSystem& files_;
  const ExaminedLog& catalogue_;
};

// Writes what it holds to where that belongs. A damaged one is kept, under another name.
Status ApplyJournal(FileSystem& files, const std::string& data_folder, const std::string& path) {
  const Result<bool> damaged = SalvageJournal(files, data_folder, path);
  if (!damaged.ok()) return damaged.status();
  Status status = *damaged ? KeepDamaged(files, path) : Status();
  if (status.ok()) status = files.Remove(path);
  return status.ok() ? files.SyncFolder(data_folder) : status;
}

Status RenameMisnamed(FileSystem& files, const ExaminedFolder& exam) {
  for (const MisnamedSegment& segment : exam.misnamed) {
    if (Status status = files.Rename(segment.path, segment.right_path); !status.ok()) return status;
    const std::string folder = segment.path.substr(0, segment.path.rfind('/'));
    if (Status status = files.SyncFolder(folder); !status.ok()) return status;
  }
  return {};
}

Status CarryOut(FileSystem& files, Timestamp now, DataFolder& folder, const FolderRepair& repair) {
  for (const LogRepair& log : repair.logs) {
    if (!log.IsNeeded() && log.indexed.empty()) continue;
    if (Status status = Repair(files, log); !status.ok()) return status;
  }
  for (const CatalogueEntry& entry : repair.made) {
    if (Status status = folder.MakeLogFolder(entry.id.ToString(), entry.id, now, {}); !status.ok())
      return status;
  }
  if (!repair.catalogue) return {};
  const log::Batch records = repair.catalogue->Snapshot();
  if (repair.exam.catalogue)
    return CatalogueRepair(files, *repair.exam.catalogue).Run(records, now);
  return folder.MakeLogFolder(std::string(kCatalogue), log::LogId::Random(), now, records);
}

}  // namespace

bool FolderRepair::IsNeeded() const {
  return catalogue || exam.journal_damaged || !made.empty() || !exam.misnamed.empty() ||
         std::any_of(logs.begin(), logs.end(), [](const LogRepair& log) { return log.IsNeeded(); });
}

Result<FolderRepair> PlanFolderRepair(FileSystem& files, const Clock& clock,
                                      const std::string& path, const FolderExamOptions& options) {
  FolderExamOptions placing = options;
  placing.places_misnamed = true;
  Result<ExaminedFolder> exam = ExamineFolder(files, path, placing);
  if (!exam.ok()) return exam.status();
  if (Status status = SeeThatAllIsKnown(*exam); !status.ok()) return status;
  FolderRepair repair{std::move(*exam), {}, {}, {}};
  for (const NamedExam& each : repair.exam.logs) {
    Result<LogRepair> log = PlanRepair(each.log, clock.Now());
    if (!log.ok()) return log.status();
    repair.logs.push_back(std::move(*log));
  }
  PlanCatalogue(repair, clock.Now());
  return repair;
}

Status RepairFolder(FileSystem& files, const Clock& clock, DataFolder& folder,
                    const FolderRepair& repair) {
  const Result<std::unique_ptr<File>> held = folder.KeepBackupsOff();
  if (!held.ok()) return held.status();
  if (Status status = folder.Soil(); !status.ok()) return status;
  if (repair.exam.misnamed.empty() && repair.exam.journals.empty())
    return CarryOut(files, clock.Now(), folder, repair);
  // With segments at their places, and all that was durable in them, the rest is as it was planned,
  // but under other paths, or less.
  if (Status status = RenameMisnamed(files, repair.exam); !status.ok()) return status;
  for (const std::string& path : repair.exam.journals) {
    if (Status status = ApplyJournal(files, folder.path(), path); !status.ok()) return status;
  }
  const Result<FolderRepair> rest = PlanFolderRepair(files, clock, folder.path());
  if (!rest.ok()) return rest.status();
  return CarryOut(files, clock.Now(), folder, *rest);
}

}  // namespace daybook::disk
