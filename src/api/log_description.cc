#include "api/log_description.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/units.h"

namespace daybook::api {
namespace {

// What the record at `offset` tells.
void ReadTimestamp(log::Log& log, Offset offset,
                   UniqueFunction<void(std::optional<Timestamp>)> done) {
  log.Read(offset, log::ReadLimits{},
           [done = std::move(done)](const Result<log::Page>& page) mutable {
             if (!page.ok() || page->records.empty()) return done(std::nullopt);
             done(page->records.front().timestamp);
           });
}

}  // namespace

void Describe(std::shared_ptr<log::Log> log, const Result<log::LogInfo>& info,
              DescriptionDone done) {
  if (!info.ok()) return done(info.status());
  LogDescription known{log->name(), *info, {}, {}};
  if (info->first_offset == info->next_offset) return done(std::move(known));
  log::Log& of = *log;
  ReadTimestamp(of, info->first_offset,
                [log = std::move(log), known = std::move(known),
                 done = std::move(done)](std::optional<Timestamp> first) mutable {
                  known.first_timestamp = first;
                  const Offset last(known.info.next_offset.value - 1);
                  log::Log& same = *log;
                  ReadTimestamp(
                      same, last,
                      [log = std::move(log), known = std::move(known),
                       done = std::move(done)](std::optional<Timestamp> timestamp) mutable {
                        known.last_timestamp = timestamp;
                        done(std::move(known));
                      });
                });
}

void AppendDescription(std::string& body, const LogDescription& description) {
  const log::LogInfo& info = description.info;
  body.append(R"({"name":)");
  AppendJsonString(body, description.name);
  AppendJsonMember(body, "id", info.id.ToString());
  AppendJsonMember(body, "created", info.created);
  AppendJsonMember(body, "first_offset", info.first_offset.value);
  AppendJsonMember(body, "next_offset", info.next_offset.value);
  AppendJsonMember(body, "records", info.next_offset - info.first_offset);
  AppendJsonMember(body, "bytes", info.bytes);
  if (description.first_timestamp)
    AppendJsonMember(body, "first_timestamp", *description.first_timestamp);
  if (description.last_timestamp)
    AppendJsonMember(body, "last_timestamp", *description.last_timestamp);
  body.append(R"(,"retention":{)");
  std::string bounds;
  if (info.retention.max_age)
    AppendJsonMember(bounds, "max_age", FormatDuration(*info.retention.max_age));
  if (info.retention.max_bytes)
    AppendJsonMember(bounds, "max_bytes", FormatSize(*info.retention.max_bytes));
  body.append(bounds, std::min<std::size_t>(bounds.size(), 1))
      .append(R"(},"idempotency":{"window":)");
  AppendJsonString(body, FormatDuration(info.idempotency.window));
  if (info.idempotency.keys_max) {
    AppendJsonMember(body, "keys", *info.idempotency.keys_max);
  } else {
    body.append(R"(,"keys":null)");
  }
  body.append("}}");
}

std::string LogTag(const log::LogInfo& info) {
  std::string tag = "W/\"" + info.id.ToString();
  tag.append("-").append(std::to_string(info.first_offset.value));
  tag.append("-").append(std::to_string(info.next_offset.value));
  const auto& [max_age, max_bytes] = info.retention;
  tag.append("-").append(max_age ? FormatDuration(*max_age) : "");
  tag.append("-").append(max_bytes ? FormatSize(*max_bytes) : "");
  return tag.append("\"");
}

}  // namespace daybook::api
