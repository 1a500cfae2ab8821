// An append on its way to the disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/status.h"
#include "disk/append_body.h"
#include "log/log.h"

namespace daybook::disk {

class LogAppender;

struct PendingAppend {
  std::shared_ptr<LogAppender> to;  // the end of its log
  EncodedAppend frame;
  log::AppendOptions options;
  // Has the last word before the append gets its offset, which it is told; called under the
  // committer. None: nothing else is to be so.
  std::function<Status(Offset)> admit;
  std::uint64_t payload_bytes = 0;  // of values, keys and headers
  std::chrono::steady_clock::time_point since;
  log::AppendDone done;
};

}  // namespace daybook::disk
