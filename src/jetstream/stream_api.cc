#include "jetstream/stream_api.h"

#include <future>
#include <memory>
#include <utility>

#include "base/json_text.h"
#include "base/rfc3339.h"

namespace daybook::jetstream {
namespace {

constexpr int kEndOfBatch = 204;
constexpr int kNoSuchMessage = 404;
constexpr int kTries = 2;

std::string SubjectOf(const char* what, const std::string& stream) {
  return std::string("$JS.API.") + what + "." + stream;
}

// Nothing that is only asked for has an outcome that is unknown.
Status Unavailable(const Status& status) { return {StatusCode::kUnavailable, status.message()}; }

Result<std::string_view> TextOf(const Result<Incoming>& answer) {
  if (!answer.ok()) return Unavailable(answer.status());
  if (answer->no_responders())
    return Status(StatusCode::kUnavailable, "JetStream answers nothing at this NATS");
  return answer->data();
}

// Gives `done` what `parse` reads in the answer.
template <typename T, typename Done>
auto Parsed(Result<T> (*parse)(std::string_view), Done done) {
  return [parse, done = std::move(done)](const Result<Incoming>& answer) mutable {
    const Result<std::string_view> text = TextOf(answer);
    done(text.ok() ? parse(*text) : Result<T>(text.status()));
  };
}

template <typename T>
auto Fulfil(std::promise<Result<T>>& promise) {
  return [&promise](Result<T> result) { promise.set_value(std::move(result)); };
}

std::string SequenceRequest(std::uint64_t sequence) {
  return "{\"seq\":" + std::to_string(sequence) + "}";
}

Status DirectFailure(const Incoming& message) {
  if (message.no_responders())
    return {StatusCode::kUnavailable, "no replica of the stream answers"};
  return {StatusCode::kUnavailable,
          "NATS: a direct get was answered with the status " + std::to_string(message.status())};
}

}  // namespace

void StreamApi::Info(const std::string& stream, InfoDone done) {
  Ask(SubjectOf("STREAM.INFO", stream), "", kTries, Parsed(ParseStreamInfo, std::move(done)));
}

void StreamApi::Get(const std::string& stream, std::uint64_t sequence, MessageDone done) {
  Ask(SubjectOf("STREAM.MSG.GET", stream), SequenceRequest(sequence), kTries,
      Parsed(ParseStoredMessage, std::move(done)));
}

void StreamApi::Ask(const std::string& subject, const std::string& request, int tries,
                    UniqueFunction<void(const Result<Incoming>&)> done) {
  connection_.Ask({subject, {}, request}, timeout_ / kTries,
                  [this, subject, request, tries,
                   done = std::move(done)](const Result<Incoming>& answer) mutable {
                    if (answer.status().code() == StatusCode::kUnknownOutcome && tries > 1) {
                      Ask(subject, request, tries - 1, std::move(done));
                    } else {
                      done(answer);
                    }
                    return true;
                  });
}

void StreamApi::Direct(const std::string& stream, std::string request, DirectDone done) {
  connection_.Ask({SubjectOf("DIRECT.GET", stream), {}, std::move(request)}, timeout_,
                  [done = std::move(done), batch = DirectBatch()](Result<Incoming> answer) mutable {
                    if (!answer.ok()) {
                      done(Unavailable(answer.status()));
                      return true;
                    }
                    const int status = answer->status();
                    if (status == 0) {
                      batch.messages.push_back(*std::move(answer));
                      return false;
                    }
                    if (status == kEndOfBatch || status == kNoSuchMessage) {
                      batch.up_to_sequence = answer->NumberHeader("Nats-UpTo-Sequence").value_or(0);
                      done(std::move(batch));
                    } else {
                      done(DirectFailure(*answer));
                    }
                    return true;
                  });
}

Result<StreamInfo> StreamApi::InfoAndWait(const std::string& stream, const std::string& subjects) {
  std::string request;
  if (!subjects.empty()) {
    AppendJsonMember(request, "subjects_filter", std::string_view(subjects));
    request = "{" + request.substr(1) + "}";
  }
  const Result<std::string> text = AskAndWait(SubjectOf("STREAM.INFO", stream), request);
  return text.ok() ? ParseStreamInfo(*text) : text.status();
}

Result<StoredMessage> StreamApi::GetLastAndWait(const std::string& stream,
                                                const std::string& subject) {
  std::string request;
  AppendJsonMember(request, "last_by_subj", std::string_view(subject));
  const Result<std::string> text =
      AskAndWait(SubjectOf("STREAM.MSG.GET", stream), "{" + request.substr(1) + "}");
  return text.ok() ? ParseStoredMessage(*text) : text.status();
}

Result<StoredMessage> StreamApi::GetFromAndWait(const std::string& stream, Timestamp time) {
  std::string request = "{\"start_time\":\"";
  AppendRfc3339(request, time);
  const Result<std::string> text = AskAndWait(SubjectOf("STREAM.MSG.GET", stream), request + "\"}");
  return text.ok() ? ParseStoredMessage(*text) : text.status();
}

Result<DirectBatch> StreamApi::DirectAndWait(const std::string& stream, std::string request) {
  std::promise<Result<DirectBatch>> promise;
  Direct(stream, std::move(request), Fulfil(promise));
  return promise.get_future().get();
}

Result<StreamInfo> StreamApi::CreateAndWait(const StreamSpec& spec) {
  const Result<std::string> text =
      ChangeAndWait(SubjectOf("STREAM.CREATE", spec.name), CreateText(spec));
  return text.ok() ? ParseStreamInfo(*text) : text.status();
}

Result<StreamInfo> StreamApi::UpdateAndWait(const std::string& stream, std::string config) {
  const Result<std::string> text =
      ChangeAndWait(SubjectOf("STREAM.UPDATE", stream), std::move(config));
  return text.ok() ? ParseStreamInfo(*text) : text.status();
}

Status StreamApi::DeleteAndWait(const std::string& stream) {
  const Result<std::string> text = ChangeAndWait(SubjectOf("STREAM.DELETE", stream), "");
  return text.ok() ? ParseDone(*text) : text.status();
}

Status StreamApi::PurgeSubjectAndWait(const std::string& stream, const std::string& subject) {
  std::string member;
  AppendJsonMember(member, "filter", std::string_view(subject));
  const Result<std::string> text =
      ChangeAndWait(SubjectOf("STREAM.PURGE", stream), "{" + member.substr(1) + "}");
  return text.ok() ? ParseDone(*text) : text.status();
}

Status StreamApi::PurgeBeforeAndWait(const std::string& stream, std::uint64_t before) {
  const Result<std::string> text =
      ChangeAndWait(SubjectOf("STREAM.PURGE", stream), SequenceRequest(before));
  return text.ok() ? ParseDone(*text) : text.status();
}

Result<std::string> StreamApi::ChangeAndWait(const std::string& subject, std::string request) {
  const Result<Incoming> answer =
      connection_.AskAndWait({subject, {}, std::move(request)}, timeout_);
  if (!answer.ok()) return answer.status();
  const Result<std::string_view> text = TextOf(answer);
  if (!text.ok()) return text.status();
  return std::string(*text);
}

Result<std::string> StreamApi::AskAndWait(const std::string& subject, const std::string& request) {
  std::promise<Result<std::string>> promise;
  Ask(subject, request, kTries, [&](const Result<Incoming>& answer) {
    const Result<std::string_view> text = TextOf(answer);
    promise.set_value(text.ok() ? Result<std::string>(std::string(*text)) : text.status());
  });
  return promise.get_future().get();
}

}  // namespace daybook::jetstream
