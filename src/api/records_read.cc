#include "api/records_read.h"

#include <openssl/sha.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "api/base64.h"
#include "api/media_type.h"
#include "api/page_body.h"
#include "api/page_finder.h"
#include "api/problem.h"
#include "api/read_query.h"
#include "api/record_fields.h"
#include "api/representation.h"
#include "api/request_body.h"
#include "api/status_map.h"
#include "base/json_text.h"

namespace daybook::api {
namespace {

using http::Code;

constexpr std::array kPageTypes = {kJsonType, kNdjsonType, kBytesType};
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
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  AppendBase64(out, {reinterpret_cast<const char*>(digest), kShownBytes});
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

class RecordReader {
 public:
  RecordReader(log::LogStore& store, const ApiLimits& limits) : store_(store), limits_(limits) {}

  void ReadPage(http::Request& request, http::Responder responder) const {
    log::Log* const log = store_.Find(request.Parameter("log"));
    if (log == nullptr) return Refuse(NoSuchLog(request.Parameter("log")), std::move(responder));
    Result<ReadQuery> query = ParseReadQuery(request.query(), limits_);
    if (!query.ok())
      return Refuse(InvalidParameter(query.status().message()), std::move(responder));
    auto wish = WishOf(request, kPageTypes, query->encoding);
    if (auto* const problem = std::get_if<Problem>(&wish))
      return Refuse(*problem, std::move(responder));
    std::optional<std::string> key = query->key;
    FindPage(*log, std::move(*query),
             [wish = std::move(std::get<Wish>(wish)), key = std::move(key),
              responder = std::move(responder)](Result<FoundPage> found) mutable {
               std::move(responder).Send(PageAnswer(wish, key, std::move(found)));
             });
  }

  void ReadRecord(http::Request& request, http::Responder responder) const {
    log::Log* const log = store_.Find(request.Parameter("log"));
    if (log == nullptr) return Refuse(NoSuchLog(request.Parameter("log")), std::move(responder));
    const std::optional<std::uint64_t> number = ParseNumber(request.Parameter("offset"));
    if (!number) {
      return Refuse(InvalidParameter("the offset in the path is not a whole number from 0 to "
                                     "18446744073709551615"),
                    std::move(responder));
    }
    const Result<ValueEncoding> encoding = ParseEncodingQuery(request.query());
    if (!encoding.ok())
      return Refuse(InvalidParameter(encoding.status().message()), std::move(responder));
    auto wish = WishOf(request, kRecordTypes, *encoding);
    if (auto* const problem = std::get_if<Problem>(&wish))
      return Refuse(*problem, std::move(responder));
    log->Info([log, offset = Offset(*number), wish = std::move(std::get<Wish>(wish)),
               responder = std::move(responder)](const Result<log::LogInfo>& info) mutable {
      if (!info.ok()) return Refuse(ProblemOf(info.status()), std::move(responder));
      log->Read(offset, {},
                [offset, id = info->id, wish = std::move(wish),
                 responder = std::move(responder)](Result<log::Page> page) mutable {
                  std::move(responder).Send(RecordAnswer(wish, id, offset, std::move(page)));
                });
    });
  }

 private:
  static void Refuse(const Problem& problem, http::Responder responder) {
    std::move(responder).Send(problem.ToResponse());
  }

  log::LogStore& store_;
  const ApiLimits limits_;
};

}  // namespace

void AddReadRoutes(http::Router& router, log::LogStore& store, const ApiLimits& limits) {
  const auto reader = std::make_shared<const RecordReader>(store, limits);
  router.Add(http::Method::Get, "/v1/logs/{log}/records",
             [reader](http::Request& request, http::Responder responder) {
               reader->ReadPage(request, std::move(responder));
             });
  router.Add(http::Method::Get, "/v1/logs/{log}/records/{offset}",
             [reader](http::Request& request, http::Responder responder) {
               reader->ReadRecord(request, std::move(responder));
             });
}

}  // namespace daybook::api
