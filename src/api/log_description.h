// A log as it is shown: what it is, how far it reaches, and how it is set.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "base/types.h"
#include "base/unique_function.h"
#include "log/log.h"

namespace daybook::api {

struct LogDescription {
  std::string name;
  log::LogInfo info;
  // Of the records that there are; none where one was gone meanwhile, or cannot be read.
  std::optional<Timestamp> first_timestamp;
  std::optional<Timestamp> last_timestamp;
};

using DescriptionDone = UniqueFunction<void(Result<LogDescription>)>;

// `info` is what was last told of the log; an error is passed on.
void Describe(std::shared_ptr<log::Log> log, const Result<log::LogInfo>& info,
              DescriptionDone done);

// Appends it as a JSON object.
void AppendDescription(std::string& body, const LogDescription& description);

// Weak, for it stands for a state of the log rather than for certain bytes.
std::string LogTag(const log::LogInfo& info);

}  // namespace daybook::api
