// Whatever was done to the files of a data folder, the engine refuses them, naming a file, or has a
// log whose records were appended where they are read, and goes on behind its end. What it refuses
// an examination finds, too, and a repair makes fit to be served.
//
// The input's first byte says which folder it begins with, the second whether a record is appended
// whose value is a piece of the folder's own files; the rest is a list of changes to the files, of
// which folder_mutation.h tells. What the engine wrote is not in the input, so that a short one
// says much.

#include <pthread.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/logging.h"
#include "disk/disk_store.h"
#include "disk/folder_repair.h"
#include "fuzz/folder_mutation.h"
#include "support/find_log.h"
#include "support/simulated_file_system.h"

namespace {

using daybook::ManualClock;
using daybook::Offset;
using daybook::Result;
using daybook::Status;
using daybook::StatusCode;
using daybook::Timestamp;
using daybook::disk::DataFolder;
using daybook::disk::DiskLogOptions;
using daybook::disk::DiskLogStore;
using daybook::disk::Fault;
using daybook::disk::PlanFolderRepair;
using daybook::disk::RepairFolder;
using daybook::fuzz::FolderMutation;
using daybook::fuzz::FramesOf;
using daybook::fuzz::Input;
using daybook::test::SimulatedFileSystem;
namespace log = daybook::log;

constexpr const char* kFolder = "/data";
// Records that are looked at of a log that says to have more.
constexpr std::uint64_t kRecordsMax = 200;

void Demand(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "this does not hold: %s\n", what.c_str());
  std::abort();
}

const ManualClock& TheClock() {
  static ManualClock clock(Timestamp(1'700'000'000'000));
  return clock;
}

// Opens the store and runs `use` with it; the reason why it cannot be opened.
template <typename Use>
Status WithStore(SimulatedFileSystem& files, Use use) {
  DiskLogOptions options;
  options.segment_bytes_max = 18 << 10;  // so that an index has an entry
  Status failure;
  auto opened = DiskLogStore::Open(files, TheClock(), kFolder, options,
                                   [&](const Status& status) { failure = status; });
  if (!opened.ok()) return opened.status();
  (*opened)->AwaitRecovery();
  if (failure.ok()) use(*daybook::test::FindLog(**opened));
  opened->reset();
  return failure;
}

template <typename Record>
std::string Describe(const Record& record) {
  std::string text = record.key ? "key " + std::string(*record.key) : "no key";
  for (const auto& [name, value] : record.headers)
    text.append(", ").append(name).append(": ").append(value);
  return text.append(", value ").append(record.value);
}

Result<log::Appended> Append(log::Log& log, log::Batch batch) {
  std::promise<Result<log::Appended>> answer;
  log.Append(std::move(batch), [&](Result<log::Appended> appended) { answer.set_value(appended); });
  return answer.get_future().get();
}

void AppendAll(log::Log& log, const std::vector<log::Batch>& batches,
               std::vector<std::string>& records) {
  for (const log::Batch& batch : batches) {
    const auto appended = Append(log, batch);
    Demand(appended.ok() && appended->first_offset == Offset(records.size()),
           "an append to a sound log gets the next offset");
    for (const log::NewRecord& record : batch) records.push_back(Describe(record));
  }
}

// What a reader sees of a log: each record by itself, or why it cannot be read.
struct Sight {
  Offset first;
  Offset next;
  std::vector<std::string> records;
  bool damaged = false;

  friend bool operator==(const Sight&, const Sight&) = default;
};

void DemandNamed(const Status& status) {
  Demand(status.message().find("/data/") != std::string::npos,
         "an error names a file: " + status.ToString());
}

void DemandDamage(const Status& status) {
  if (status.code() == StatusCode::kLost) return;  // a frame that was forged says so
  Demand(status.code() == StatusCode::kDamaged, "what cannot be read is damaged");
  DemandNamed(status);
}

Sight Look(log::Log& log) {
  Sight sight;
  log.Info([&](const Result<log::LogInfo>& info) {
    Demand(info.ok(), "an open log tells of itself");
    sight.first = info->first_offset;
    sight.next = info->next_offset;
  });
  Demand(sight.first <= sight.next, "a log does not end before it begins");
  for (Offset at = sight.first; at < sight.next && at - sight.first < kRecordsMax; at = at + 1) {
    log.Read(at, {1, UINT64_MAX}, [&](const Result<log::Page>& page) {
      if (page.ok()) {
        Demand(page->records.size() == 1 && page->records.front().offset == at,
               "a record that is read is the one that was asked for");
        sight.records.push_back(Describe(page->records.front()));
      } else {
        DemandDamage(page.status());
        sight.records.push_back(page.status().message());
        sight.damaged = true;
      }
    });
  }
  if (sight.damaged || sight.next - sight.first > kRecordsMax) return sight;
  log.Read(sight.first, {UINT64_MAX, UINT64_MAX}, [&](const Result<log::Page>& page) {
    // A mark may be damaged between them, which alone they do not need.
    if (!page.ok()) return DemandDamage(page.status());
    Demand(page->records.size() == sight.records.size(), "all can be read at once");
    for (std::size_t i = 0; i < sight.records.size(); ++i) {
      Demand(page->records[i].offset == sight.first + i &&
                 Describe(page->records[i]) == sight.records[i],
             "records that are read together are those that are read alone");
    }
  });
  return sight;
}

// A folder that the engine has written, and its records.
struct Folder {
  std::unique_ptr<SimulatedFileSystem> files;
  std::vector<std::string> records;
  std::string log_folder;
};

std::string LogFolderIn(const SimulatedFileSystem& files) {
  for (const std::string& path : files.Files()) {
    if (path.ends_with("/meta") && path.find("catalogue") == std::string::npos)
      return path.substr(0, path.rfind('/'));
  }
  return "";
}

std::vector<log::Batch> Batches() {
  constexpr std::size_t kSizes[] = {3, 3000, 0, 8, 1200, 7, 2500, 1};
  std::vector<log::Batch> batches;
  for (std::size_t i = 0; i < 20; ++i) {
    log::Batch& batch = batches.emplace_back(1 + i % 3);
    for (std::size_t j = 0; j < batch.size(); ++j) {
      batch[j].value =
          std::string(kSizes[(i + j) % std::size(kSizes)], static_cast<char>('a' + i % 26));
    }
    if (i % 4 == 1) batch.front().key = "key" + std::to_string(i);
    if (i % 5 == 2) batch.back().headers = {{"name", "value"}, {"empty", ""}};
  }
  return batches;
}

// What a process leaves behind that is killed: room behind the last frame, no mark.
std::unique_ptr<SimulatedFileSystem> Killed(const SimulatedFileSystem& files) {
  constexpr std::uint64_t kRoomBytes = 1024;
  auto killed = files.Clone();
  for (const std::string& path : killed->Files()) {
    if (!path.ends_with(".log")) continue;
    std::string contents = killed->Contents(path);
    if (contents.size() <= FramesOf(contents).end) continue;
    contents.resize(FramesOf(contents).end + kRoomBytes);
    killed->SetContents(path, contents);
  }
  return killed;
}

// AddressSanitizer clears the whole stack of each thread, of which every start of the engine has
// two.
void MakeStacksSmall() {
  constexpr std::size_t kStackBytes = 256 << 10;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

// One that has stopped, one that was killed, one without a record.
std::vector<Folder> MakeFolders() {
  daybook::logging::SetLevel(daybook::logging::Level::kError);
  MakeStacksSmall();
  std::vector<Folder> folders(3);
  for (Folder& folder : folders) folder.files = std::make_unique<SimulatedFileSystem>();
  Folder& stopped = folders[0];
  Folder& killed = folders[1];
  Status status = WithStore(*stopped.files, [&](log::Log& log) {
    AppendAll(log, Batches(), stopped.records);
    killed = {Killed(*stopped.files), stopped.records, ""};
  });
  Demand(status.ok(), "a folder is made");
  status = WithStore(*folders[2].files, [](log::Log&) {});
  Demand(status.ok(), "a folder is made");
  for (Folder& folder : folders) folder.log_folder = LogFolderIn(*folder.files);
  return folders;
}

// Appends a record whose value holds a piece of a file: whole frames of the log, for one.
void Hide(SimulatedFileSystem& files, Folder& folder, Input& input) {
  const std::vector<std::string> names = files.Files();
  const std::string contents = files.Contents(names[input.Byte() % names.size()]);
  const std::uint16_t from = input.Short();
  const std::uint16_t bytes = input.Short() % 4096;
  log::Batch batch(1);
  batch.front().value.append(input.Byte() % 8, 'x');
  if (from < contents.size()) batch.front().value += contents.substr(from, bytes);
  const Status status =
      WithStore(files, [&](log::Log& log) { AppendAll(log, {batch}, folder.records); });
  Demand(status.ok(), "a sound folder opens");
}

void Check(const Sight& sight, const FolderMutation& mutation,
           const std::vector<std::string>& appended) {
  if (mutation.forged()) return;
  Demand(sight.first == Offset(0), "the log begins where it began");
  Demand(sight.records.size() <= appended.size(), "no record is there that nobody appended");
  for (std::size_t i = 0; i < sight.records.size(); ++i) {
    const bool error = sight.damaged && sight.records[i].find("/data/") != std::string::npos;
    Demand(error || sight.records[i] == appended[i], "a record is what was appended there");
  }
  Demand(mutation.tail_touched() || sight.records.size() == appended.size(),
         "what a later frame or segment proves is not forgotten");
}

// Whether an examination finds what no start may take, or no repair.
bool IsBad(SimulatedFileSystem& files) {
  const auto exam = daybook::disk::ExamineFolder(files, kFolder);
  Demand(exam.ok(), "a folder can be examined: " + exam.status().message());
  for (const Fault& fault : exam->AllFaults()) {
    if (fault.kind == Fault::Kind::kDamage || fault.kind == Fault::Kind::kUnknown) return true;
  }
  return false;
}

// Repairs a folder in which something is bad, and demands that it is served with nothing but what
// was appended, each record at its offset, and that appends go on.
void CheckRepair(SimulatedFileSystem& files, const FolderMutation& mutation,
                 const std::vector<std::string>& appended) {
  {
    const auto folder = DataFolder::Lock(files, kFolder);
    Demand(folder.ok(), "a folder that nobody serves can be locked");
    const auto repair = PlanFolderRepair(files, TheClock(), kFolder);
    if (!repair.ok()) {
      Demand(mutation.forged(),
             "what was not forged can be repaired: " + repair.status().message());
      return DemandNamed(repair.status());
    }
    const Status status = RepairFolder(files, TheClock(), **folder, *repair);
    Demand(status.ok(), "a repair comes to its end: " + status.message());
  }
  Demand(!IsBad(files), "a repaired folder has no damage");
  Sight sight;
  const Status status = WithStore(files, [&](log::Log& log) {
    sight = Look(log);
    log::Batch batch(1);
    const auto after = Append(log, batch);
    Demand(after.ok() && after->first_offset == sight.next, "appends go on behind a repair");
  });
  Demand(status.ok(), "a repaired folder is served: " + status.message());
  if (mutation.forged()) return;
  for (std::size_t i = 0; i < sight.records.size(); ++i) {
    const std::size_t offset = sight.first.value + i;
    const bool lost = sight.damaged && sight.records[i].find(" is lost: ") != std::string::npos;
    Demand(lost || (offset < appended.size() && sight.records[i] == appended[offset]),
           "after a repair a record is what was appended there, or lost");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Folder> folders = MakeFolders();
  Input input(data, size);
  const Folder& chosen = folders[input.Byte() % folders.size()];
  Folder folder{chosen.files->Clone(), chosen.records, chosen.log_folder};
  SimulatedFileSystem& files = *folder.files;
  if (input.Byte() % 2 == 1) Hide(files, folder, input);
  FolderMutation mutation(files, folder.log_folder);
  while (!input.empty()) mutation.Next(input);

  const auto damaged = files.Clone();
  const bool bad = IsBad(*damaged);
  if (bad) CheckRepair(*damaged, mutation, folder.records);

  Sight sight;
  std::unique_ptr<SimulatedFileSystem> killed;
  const std::string value = "appended afterwards";
  const Status status = WithStore(files, [&](log::Log& log) {
    sight = Look(log);
    killed = files.Clone();
    log::Batch batch(1);
    batch.front().value = value;
    const auto appended = Append(log, batch);
    Demand(appended.ok() && appended->first_offset == sight.next, "appends go on behind the end");
  });
  if (!status.ok()) {
    DemandNamed(status);
    Demand(bad, "an examination finds what a start refuses");
    const Status again = WithStore(files, [](log::Log&) {});
    Demand(again.message() == status.message(), "what was refused is refused again");
    return 0;
  }
  Check(sight, mutation, folder.records);
  Demand(bad || !sight.damaged || mutation.forged(), "an examination finds what cannot be read");

  const auto expect = [](SimulatedFileSystem& left, const Sight& expected, const char* what) {
    Sight found;
    const Status opened = WithStore(left, [&](log::Log& log) { found = Look(log); });
    Demand(opened.ok() && found == expected, std::string(what) + " " + opened.message());
  };
  expect(*killed, sight, "recovery that was made again finds the same");
  if (sight.records.size() < kRecordsMax) {
    log::NewRecord record;
    record.value = value;
    sight.records.push_back(Describe(record));
  }
  sight.next = sight.next + 1;
  expect(files, sight, "after a stop all is there");
  return 0;
}
