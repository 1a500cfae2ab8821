#include "api/records_read.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "api/access_gate.h"
#include "api/event_text.h"
#include "api/log_request.h"
#include "api/long_poll.h"
#include "api/media_type.h"
#include "api/member_routes.h"
#include "api/page_body.h"
#include "api/page_finder.h"
#include "api/problem.h"
#include "api/read_query.h"
#include "api/record_fields.h"
#include "api/record_streams.h"
#include "api/representation.h"
#include "api/request_body.h"
#include "api/status_map.h"
#include "base/base64.h"
#include "base/json_text.h"
#include "base/sha256.h"
#include "base/units.h"

namespace daybook::api {
namespace {

using http::Code;

constexpr std::array kPageTypes = {kJsonType, kNdjsonType, kBytesType, kEventStreamType};
constexpr std::array kRecordTypes = {kJsonType, kBytesType};

PageForm FormOf(std::string_view media_type) {
  if (media_type == kJsonType) return PageForm::kJson;
  return media_type == kNdjsonType ? PageForm::kNdjson : PageForm::kFrames;
}

void AppendNumberField(std::string& fields, std::string_view name, std::uint64_t value) {
  fields.append(name).append(": ");
  AppendJsonNumber(fields, value);
  fields.append("\r\n");
}

// Short, and the same on every machine.
void AppendDigest(std::string& out, std::string_view text) {
  constexpr std::size_t kShownBytes = 15;  // which base64 needs no padding for
  const Sha256Digest digest = Sha256(text);
  AppendBase64(out, {reinterpret_cast<const char*>(digest.data()), kShownBytes});
}

// Names the records from `from` to `next_offset`, of which those with the key are shown.
std::string VersionOf(const log::LogId& log, Offset from, Offset next_offset,
                      const std::optional<std::string>& key) {
  std::string version = log.ToString();
  version.append("-").append(std::to_string(from.value));
  version.append("-").append(std::to_string(next_offset.value));
  if (key) AppendDigest(version.append("-k"), *key);
  return version;
}

http::Response PageAnswer(const Wish& wish, const std::optional<std::string>& key,
                          Result<FoundPage> found) {
  if (!found.ok()) return ProblemOf(found.status()).ToResponse();
  const Offset next = found->next_offset;
  const bool at_end = next >= found->page.end;
  std::string fields;
  AppendNumberField(fields, "Next-Offset", next.value);
  if (at_end) AppendNumberField(fields, "End-Offset", found->page.end.value);
  const std::string version = at_end ? "" : VersionOf(found->log, found->from, next, key);
  return AnswerOf(wish, std::move(fields), version,
                  std::make_unique<PageBody>(std::move(found->page), next, FormOf(wish.media_type),
                                             wish.encoding));
}

http::Response RecordAnswer(const Wish& wish, const log::LogId& log, Offset offset,
                            Result<log::Page> page) {
  if (!page.ok() || page->records.empty()) return RecordProblemOf(page, offset).ToResponse();
  const bool alone = wish.media_type == kBytesType;
  std::string fields;
  if (alone) AppendRecordFields(fields, page->records.front());
  return AnswerOf(
      wish, std::move(fields), log.ToString() + "-" + std::to_string(offset.value),
      std::make_unique<PageBody>(std::move(*page), offset + 1,
                                 alone ? PageForm::kValues : PageForm::kNdjson, wish.encoding));
}

// A page for a reader who has said of which log it is to be. The last records are others as the log
// grows, and so are the next.
bool MayBeKept(const ReadQuery& query) {
  return query.log_id && query.start != ReadQuery::Start::kLast &&
         query.start != ReadQuery::Start::kNext;
}

class RecordReader {
 public:
  RecordReader(log::LogStore& store, const ApiLimits& limits, std::shared_ptr<LiveStats> live)
      : store_(store), limits_(limits), live_(std::move(live)), streams_(store, live_) {}

  void Read(http::Request& request, http::Responder responder) const {
    Result<ReadQuery> query = ParseReadQuery(request.query(), limits_);
    if (!query.ok())
      return Refuse(InvalidParameter(query.status().message()), std::move(responder));
    Result<LogName> name = LogNameOf(request, query->log_id);
    if (!name.ok()) return Refuse(InvalidParameter(name.status().message()), std::move(responder));
    if (query->follow)
      return streams_.Follow(request, *std::move(query), *std::move(name), std::move(responder));
    auto wish = WishOf(request, kPageTypes, query->encoding);
    if (auto* const problem = std::get_if<Problem>(&wish))
      return Refuse(*problem, std::move(responder));
    if (std::get<Wish>(wish).media_type == kEventStreamType)
      return streams_.Follow(request, *std::move(query), *std::move(name), std::move(responder));
    std::get<Wish>(wish).may_be_kept = MayBeKept(*query);
    if (request.method() == http::Method::Head) query->wait = {};
    // Who waits wants to know what there is.
    if (query->wait.count() > 0) std::get<Wish>(wish).if_none_match.clear();
    ReadPage(*std::move(query), *std::move(name), std::get<Wish>(std::move(wish)), GrantOf(request),
             std::move(responder));
  }

  void ReadRecord(http::Request& request, http::Responder responder) const {
    const Result<RecordQuery> query = ParseRecordQuery(request.query());
    if (!query.ok())
      return Refuse(InvalidParameter(query.status().message()), std::move(responder));
    Result<LogName> name = LogNameOf(request, query->log_id);
    if (!name.ok()) return Refuse(InvalidParameter(name.status().message()), std::move(responder));
    const std::optional<std::uint64_t> number = ParseNumber(request.Parameter("offset"));
    if (!number) {
      return Refuse(InvalidParameter("the offset in the path is not a whole number from 0 to "
                                     "18446744073709551615"),
                    std::move(responder));
    }
    auto wish = WishOf(request, kRecordTypes, query->encoding);
    if (auto* const problem = std::get_if<Problem>(&wish))
      return Refuse(*problem, std::move(responder));
    WithLog(store_, *std::move(name), std::move(responder),
            [offset = Offset(*number), wish = std::move(std::get<Wish>(wish))](
                const std::shared_ptr<log::Log>& log, http::Responder answer) mutable {
              log->Read(offset, {},
                        [log, offset, wish = std::move(wish),
                         answer = std::move(answer)](Result<log::Page> page) mutable {
                          std::move(answer).Send(WithLogId(
                              RecordAnswer(wish, log->id(), offset, std::move(page)), *log));
                        });
            });
  }

 private:
  void ReadPage(ReadQuery query, LogName name, Wish wish,
                std::shared_ptr<const access::Grant> grant, http::Responder responder) const {
    if (query.last_event_id) {
      return Refuse(
          InvalidParameter("the query parameter 'last_event_id' goes with an event stream, "
                           "which Accept: text/event-stream or follow=sse asks for"),
          std::move(responder));
    }
    std::shared_ptr<LongPoll> poll;
    if (query.wait.count() > 0) {
      poll = std::make_shared<LongPoll>(query, live_, std::move(grant));
      responder.Hold(poll, query.wait);
    }
    WithLog(store_, std::move(name), std::move(responder),
            [query = std::move(query), wish = std::move(wish), poll = std::move(poll)](
                const std::shared_ptr<log::Log>& log, http::Responder answer) mutable {
              const http::Waker waker = answer.waker();
              FindPageDone done = [log, wish = std::move(wish), key = query.key,
                                   answer = std::move(answer)](Result<FoundPage> found) mutable {
                std::move(answer).Send(WithLogId(PageAnswer(wish, key, std::move(found)), *log));
              };
              if (poll != nullptr) return poll->Begin(log, waker, std::move(done));
              FindPage(log, std::move(query), std::move(done));
            });
  }

  log::LogStore& store_;
  const ApiLimits limits_;
  const std::shared_ptr<LiveStats> live_;
  const RecordStreams streams_;
};

}  // namespace

void AddReadRoutes(http::Router& router, log::LogStore& store, const ApiLimits& limits,
                   std::shared_ptr<LiveStats> live) {
  MemberRoutes<RecordReader>(router,
                             std::make_shared<const RecordReader>(store, limits, std::move(live)))
      .Add(http::Method::Get, "/v1/logs/{log}/records", &RecordReader::Read)
      .Add(http::Method::Get, "/v1/logs/{log}/records/{offset}", &RecordReader::ReadRecord);
}

}  // namespace daybook::api
