#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "engine/tasks.h"

namespace daybook::bench {
namespace {

// Passes until the seconds are over, and whole ones.
Result<EngineWork> Repeat(const EngineOptions& options,
                          const std::function<Status(EngineWork&)>& pass) {
  EngineWork warm_up;
  if (Status status = pass(warm_up); !status.ok()) return status;
  EngineWork work;
  const StopWatch watch;
  const double seconds = options.seconds < 1e9 ? options.seconds : 0;
  do {
    if (Status status = pass(work); !status.ok()) return status;
  } while (watch.seconds() < seconds);
  work.seconds = watch.seconds();
  work.cpu_seconds = watch.cpu_seconds();
  return work;
}

// The engine answers reads within the call.
Result<log::Page> ReadNow(log::Log& log, Offset from, const log::ReadLimits& limits) {
  Result<log::Page> answer = Status(StatusCode::kInternal, "a read was not answered at once");
  log.Read(from, limits, [&answer](Result<log::Page> page) { answer = std::move(page); });
  return answer;
}

Status ReadLog(log::Log& log, const log::ReadLimits& limits, EngineWork& work) {
  Result<log::LogInfo> info = Status(StatusCode::kInternal, "no answer");
  log.Info([&info](Result<log::LogInfo> found) { info = std::move(found); });
  if (!info.ok()) return info.status();
  for (Offset next = info->first_offset; next < info->next_offset; ++work.calls) {
    const Result<log::Page> page = ReadNow(log, next, limits);
    if (!page.ok()) return page.status();
    if (page->records.empty() || page->records.front().offset != next)
      return {StatusCode::kInternal, "a page does not begin with what was asked for"};
    work.records += page->records.size();
    next = next + page->records.size();
  }
  work.bytes += info->bytes;
  return {};
}

std::vector<std::string> SegmentsIn(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(folder, error), end;
       !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".log") paths.push_back(entry->path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Status ReadFile(const std::string& path, std::vector<char>& buffer, EngineWork& work) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {StatusCode::kIo, path + ": " + std::strerror(errno)};
  off_t at = 0;
  ssize_t got = 0;
  while ((got = pread(fd, buffer.data(), buffer.size(), at)) > 0) {
    at += got;
    ++work.calls;
  }
  close(fd);
  work.bytes += static_cast<std::uint64_t>(at);
  return got == 0 ? Status() : Status(StatusCode::kIo, path + ": cannot be read");
}

}  // namespace

Result<EngineWork> ReadPages(log::LogStore& store, const EngineOptions& options) {
  const log::ReadLimits limits{options.page_records, options.page_bytes};
  return Repeat(options, [&](EngineWork& work) {
    return ReadLog(**log::FindAndWait(store, log::kDefaultLog), limits, work);
  });
}

Result<EngineWork> ReadFiles(const EngineOptions& options) {
  const std::vector<std::string> paths = SegmentsIn(options.data_dir);
  if (paths.empty()) return Status(StatusCode::kNotFound, options.data_dir + " has no segments");
  std::vector<char> buffer(options.page_bytes);
  return Repeat(options, [&](EngineWork& work) {
    for (const std::string& path : paths)
      if (Status status = ReadFile(path, buffer, work); !status.ok()) return status;
    return Status();
  });
}

}  // namespace daybook::bench
