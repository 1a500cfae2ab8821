#include "jetstream/api_text.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

#include "base/base64.h"
#include "base/rfc3339.h"
#include "jetstream/json_object.h"

namespace daybook::jetstream {
namespace {

using rapidjson::Document;
using rapidjson::Value;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// For an answer to a message that was published, when it is parsed. What one takes beyond that is
// allocated.
constexpr std::size_t kPublishAnswerBytes = 1'024;

Status NoAnswerOfTheApi() {
  return {StatusCode::kDamaged, "NATS gave an answer that is none of its API"};
}

std::optional<ApiError> ErrorIn(const JsonObject& answer) {
  const Value* const error = answer.Find("error");
  if (error == nullptr) return std::nullopt;
  const JsonObject members(*error);
  return ApiError{static_cast<int>(members.SignedNumber("err_code")), members.Text("description")};
}

// The answer, unless it tells of an error or is none.
Status Parse(std::string_view text, Document& document) {
  document.Parse(text.data(), text.size());
  if (document.HasParseError() || !document.IsObject()) return NoAnswerOfTheApi();
  if (const auto error = ErrorIn(JsonObject(document))) return StatusOf(*error);
  return {};
}

std::vector<std::string> MisfitsOf(const JsonObject& config) {
  std::vector<std::string> misfits;
  const auto must = [&](bool holds, const char* text) {
    if (!holds) misfits.emplace_back(text);
  };
  must(config.Text("storage") == "file", "storage must be file");
  must(config.Text("retention") == "limits", "retention must be limits");
  must(config.Text("persist_mode") != "async", "persist_mode must not be async");
  must(!config.Bool("deny_purge"), "deny_purge must be false");
  must(!config.Bool("sealed"), "sealed must be false");
  must(!config.Bool("no_ack"), "no_ack must be false");
  must(!config.Bool("allow_rollup_hdrs"), "allow_rollup_hdrs must be false");
  must(config.Bool("allow_direct"), "allow_direct must be true");
  must(config.SignedNumber("max_msgs") <= 0, "max_msgs must be -1");
  must(config.Find("mirror") == nullptr, "mirror must be absent");
  must(config.Find("sources") == nullptr, "sources must be absent");
  must(config.Find("subject_transform") == nullptr, "subject_transform must be absent");
  if (config.SignedNumber("max_msgs_per_subject") == 1) return misfits;  // the catalogue
  must(config.SignedNumber("max_msgs_per_subject") <= 0, "max_msgs_per_subject must be -1");
  must(config.Bool("deny_delete"), "deny_delete must be true");
  must(config.Bool("allow_atomic"), "allow_atomic must be true");
  must(!config.Bool("allow_msg_ttl"), "allow_msg_ttl must be false");
  must(config.Text("discard") == (config.SignedNumber("max_bytes") > 0 ? "old" : "new"),
       "discard must be old where max_bytes is set, else new");
  return misfits;
}

void ReadConfig(const Value& value, StreamInfo& info) {
  const JsonObject config(value);
  info.name = config.Text("name");
  info.replicas = config.Number("num_replicas");
  const auto milliseconds_of = [&](const char* name) {
    return std::chrono::duration_cast<milliseconds>(nanoseconds(config.SignedNumber(name)));
  };
  info.duplicate_window = milliseconds_of("duplicate_window");
  if (config.SignedNumber("max_age") > 0) info.retention.max_age = milliseconds_of("max_age");
  if (config.SignedNumber("max_bytes") > 0) info.retention.max_bytes = config.Number("max_bytes");
  if (const Value* const metadata = config.Find("metadata");
      metadata != nullptr && metadata->IsObject()) {
    for (const auto& member : metadata->GetObject())
      if (member.value.IsString())
        info.metadata[member.name.GetString()] = member.value.GetString();
  }
  info.misfits = MisfitsOf(config);
  rapidjson::StringBuffer text;
  rapidjson::Writer<rapidjson::StringBuffer> writer(text);
  value.Accept(writer);
  info.config = text.GetString();
}

void ReadCluster(const Value& value, StreamInfo& info) {
  const JsonObject cluster(value);
  info.leader = cluster.Text("leader");
  const Value* const replicas = cluster.Find("replicas");
  if (replicas == nullptr || !replicas->IsArray()) return;
  for (const Value& each : replicas->GetArray()) {
    const JsonObject replica(each);
    const nanoseconds heard(replica.Number("active"));
    info.followers.push_back(
        {replica.Text("name"), heard.count() == 0 || heard > kSilence, replica.Number("lag")});
  }
}

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

void Put(JsonWriter& out, const char* name, const std::string& text) {
  out.Key(name);
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
void Put(JsonWriter& out, const char* name, std::int64_t number) {
  out.Key(name);
  out.Int64(number);
}
void PutBool(JsonWriter& out, const char* name, bool value) {
  out.Key(name);
  out.Bool(value);
}

std::int64_t MaxBytesOf(const log::Retention& retention) {
  return retention.max_bytes ? static_cast<std::int64_t>(*retention.max_bytes) : -1;
}
std::int64_t MaxAgeOf(const log::Retention& retention) {
  return retention.max_age ? nanoseconds(*retention.max_age).count() : 0;
}
const char* DiscardOf(const log::Retention& retention) {
  return retention.max_bytes ? "old" : "new";
}

void PutRepublish(JsonWriter& out, const StreamSpec& spec) {
  out.Key("republish");
  out.StartObject();
  Put(out, "src", spec.republish_from);
  Put(out, "dest", spec.republish_to);
  PutBool(out, "headers_only", spec.republish_headers_only);
  out.EndObject();
}

}  // namespace

Status StatusOf(const ApiError& error) {
  const auto code = [&] {
    switch (error.code) {
      case kStreamNotFound:
        return StatusCode::kLogDeleted;
      case kNoMessageFound:
        return StatusCode::kNotFound;
      case kResourcesExceeded:
      case kInsufficientResources:
      case kTooManyStreams:
      case kMemoryExceeded:
      case kStorageExceeded:
        return StatusCode::kNoSpace;
      default:
        return StatusCode::kUnavailable;
    }
  };
  return {code(), "NATS: " + error.description + " (" + std::to_string(error.code) + ")"};
}

Result<PublishAnswer> ParsePublishAnswer(std::string_view text) {
  // There is one for every append. RapidJSON would ask for 64 KiB for each, and an allocation of
  // that size has glibc gather all that was freed before.
  alignas(std::max_align_t) std::array<char, kPublishAnswerBytes> memory;
  rapidjson::MemoryPoolAllocator<> pool(memory.data(), memory.size());
  Document document(&pool);
  document.Parse(text.data(), text.size());
  if (document.HasParseError() || !document.IsObject()) return NoAnswerOfTheApi();
  const JsonObject answer(document);
  return PublishAnswer{ErrorIn(answer), answer.Text("stream"), answer.Number("seq"),
                       answer.Number("count"), answer.Bool("duplicate")};
}

Result<StreamInfo> ParseStreamInfo(std::string_view text) {
  Document document;
  if (Status parsed = Parse(text, document); !parsed.ok()) return parsed;
  const JsonObject answer(document);
  const Value* const config = answer.Find("config");
  const Value* const state = answer.Find("state");
  if (config == nullptr || state == nullptr) return NoAnswerOfTheApi();
  StreamInfo info;
  info.created = answer.Time("created");
  ReadConfig(*config, info);
  const JsonObject numbers(*state);
  info.bytes = numbers.Number("bytes");
  info.first_sequence = numbers.Number("first_seq");
  info.last_sequence = numbers.Number("last_seq");
  info.last_time = numbers.Time("last_ts");
  if (const Value* const subjects = numbers.Find("subjects");
      subjects != nullptr && subjects->IsObject()) {
    for (const auto& member : subjects->GetObject())
      if (member.value.IsUint64())
        info.subjects[member.name.GetString()] = member.value.GetUint64();
  }
  if (const Value* const cluster = answer.Find("cluster"); cluster != nullptr)
    ReadCluster(*cluster, info);
  if (answer.Find("cluster") != nullptr && info.leader.empty())
    return Status(StatusCode::kUnavailable, "the stream " + info.name + " has no leader");
  return info;
}

Result<StoredMessage> ParseStoredMessage(std::string_view text) {
  Document document;
  if (Status parsed = Parse(text, document); !parsed.ok()) return parsed;
  const Value* const found = JsonObject(document).Find("message");
  if (found == nullptr) return NoAnswerOfTheApi();
  const JsonObject message(*found);
  Result<std::string> headers = Base64Decode(message.Text("hdrs"));
  Result<std::string> data = Base64Decode(message.Text("data"));
  if (!headers.ok() || !data.ok()) return NoAnswerOfTheApi();
  return StoredMessage{message.Text("subject"), message.Number("seq"), message.Time("time"),
                       *std::move(headers), *std::move(data)};
}

std::optional<std::string> StoredMessage::Header(std::string_view name) const {
  const std::string begin = "\r\n" + std::string(name) + ":";
  std::size_t at = headers.find(begin);
  if (at == std::string::npos) return std::nullopt;
  at += begin.size();
  if (at < headers.size() && headers[at] == ' ') ++at;
  return headers.substr(at, headers.find("\r\n", at) - at);
}

Status ParseDone(std::string_view text) {
  Document document;
  return Parse(text, document);
}

std::string CreateText(const StreamSpec& spec) {
  rapidjson::StringBuffer text;
  JsonWriter out(text);
  out.StartObject();
  Put(out, "name", spec.name);
  Put(out, "description", spec.description);
  out.Key("subjects");
  out.StartArray();
  for (const std::string& subject : spec.subjects) out.String(subject.c_str());
  out.EndArray();
  Put(out, "storage", "file");
  Put(out, "retention", "limits");
  Put(out, "num_replicas", static_cast<std::int64_t>(spec.replicas));
  Put(out, "max_consumers", -1);
  Put(out, "max_msgs", -1);
  Put(out, "max_msg_size", -1);
  Put(out, "max_msgs_per_subject", spec.last_of_each_subject ? 1 : -1);
  Put(out, "max_bytes", MaxBytesOf(spec.retention));
  Put(out, "max_age", MaxAgeOf(spec.retention));
  Put(out, "discard", DiscardOf(spec.retention));
  Put(out, "duplicate_window", nanoseconds(spec.duplicate_window).count());
  PutBool(out, "allow_direct", true);
  PutBool(out, "deny_delete", !spec.last_of_each_subject);
  PutBool(out, "deny_purge", false);
  PutBool(out, "allow_rollup_hdrs", false);
  PutBool(out, "allow_msg_ttl", spec.last_of_each_subject);
  PutBool(out, "allow_atomic", !spec.last_of_each_subject);
  if (!spec.republish_to.empty()) PutRepublish(out, spec);
  out.Key("metadata");
  out.StartObject();
  for (const auto& [name, value] : spec.metadata) Put(out, name.c_str(), value);
  out.EndObject();
  out.EndObject();
  return text.GetString();
}

std::string UpdateText(const std::string& config, const log::Retention& retention,
                       milliseconds duplicate_window) {
  Document document;
  document.Parse(config.data(), config.size());
  CHECK(!document.HasParseError() && document.IsObject(), "a stream's config is no JSON object");
  const auto set = [&](const char* name, Value value) {
    document.RemoveMember(name);
    document.AddMember(rapidjson::StringRef(name), value, document.GetAllocator());
  };
  set("max_bytes", Value(MaxBytesOf(retention)));
  set("max_age", Value(MaxAgeOf(retention)));
  set("discard", Value(rapidjson::StringRef(DiscardOf(retention))));
  set("duplicate_window", Value(std::int64_t{nanoseconds(duplicate_window).count()}));
  rapidjson::StringBuffer text;
  JsonWriter writer(text);
  document.Accept(writer);
  return text.GetString();
}

}  // namespace daybook::jetstream
