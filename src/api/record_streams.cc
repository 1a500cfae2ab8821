#include "api/record_streams.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/access_gate.h"
#include "api/event_text.h"
#include "api/follower.h"
#include "api/problem.h"
#include "api/request_body.h"
#include "api/status_map.h"

namespace daybook::api {
namespace {

// Where a follower begins, which is at the end at most.
Result<Offset> FollowedFrom(const std::optional<Offset>& after_event, const Start& start) {
  const Offset from = after_event.value_or(start.from);
  if (from > start.next_offset) return log::BeyondEnd(from, start.next_offset);
  return from;
}

http::Response StreamAnswer(std::unique_ptr<Follower> follower) {
  http::Response response;
  response.AddField("Content-Type", kEventStreamType);
  response.AddField("Cache-Control", "no-store");
  response.AddField("X-Accel-Buffering", "no");  // nginx is to pass it on as it comes
  response.AddField("Vary", "Accept, Accept-Encoding, Authorization");
  response.source = std::move(follower);
  return response;
}

// Whose events a browser asks for again says which it has seen, in the header.
Result<std::optional<Offset>> AfterEvent(const http::Request& request, const ReadQuery& query) {
  const std::string_view header = request.Header("last-event-id").value_or("");
  if (header.empty())
    return query.last_event_id ? OffsetAfterEvent(*query.last_event_id) : std::nullopt;
  if (const auto offset = OffsetAfterEvent(header)) return offset;
  return Status(StatusCode::kInvalidArgument,
                "Last-Event-ID is not the id of an event, which is -1 or an offset");
}

}  // namespace

void RecordStreams::Follow(const http::Request& request, ReadQuery query, LogName name,
                           http::Responder responder) const {
  if (!query.page_parameter.empty()) {
    return Refuse(InvalidParameter("the query parameter '" + std::string(query.page_parameter) +
                                   "' goes with a page, and this is an event stream"),
                  std::move(responder));
  }
  const Result<std::optional<Offset>> after_event = AfterEvent(request, query);
  if (!after_event.ok()) return Refuse(InvalidHeader(after_event.status()), std::move(responder));
  if (*after_event) query.start = ReadQuery::Start::kNext;  // it is not looked for
  WithLog(store_, std::move(name), std::move(responder),
          [this, query = std::move(query), after_event = *after_event, grant = GrantOf(request)](
              const std::shared_ptr<log::Log>& log, http::Responder answer) mutable {
            FindStart(
                log, query,
                [this, log, query, after_event, grant = std::move(grant),
                 answer = std::move(answer)](const Result<Start>& start) mutable {
                  std::move(answer).Send(WithLogId(
                      Answer(log, std::move(query), after_event, start, std::move(grant)), *log));
                });
          });
}

http::Response RecordStreams::Answer(const std::shared_ptr<log::Log>& log, ReadQuery query,
                                     const std::optional<Offset>& after_event,
                                     const Result<Start>& start,
                                     std::shared_ptr<const access::Grant> grant) const {
  if (!start.ok()) return ProblemOf(start.status()).ToResponse();
  const Result<Offset> from = FollowedFrom(after_event, *start);
  if (!from.ok()) return ProblemOf(from.status()).ToResponse();
  return StreamAnswer(std::make_unique<Follower>(
      log, feeds_.Join(log, query.encoding, start->next_offset),
      Follower::Wanted{*from, query.encoding, std::move(query.key), std::move(grant)}, live_));
}

}  // namespace daybook::api
