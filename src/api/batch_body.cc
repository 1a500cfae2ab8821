#include "api/batch_body.h"

#include <utility>

#include "api/json.h"
#include "api/record_json.h"

namespace daybook::api {
namespace {

constexpr std::string_view kWhatToSend =
    R"(send {"records":[{"text":"hello"}]}, with one record or more)";

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }

Status TooMany(std::size_t records_max) {
  return {StatusCode::kTooLarge, "the batch has more than " + std::to_string(records_max) +
                                     " records; append them in parts"};
}

// Follows {"records":[R, ...]}, and each R with a RecordVisitor.
class BatchVisitor : public JsonVisitor {
 public:
  BatchVisitor(std::string_view sent, const ApiLimits& limits, log::Batch& batch)
      : sent_(sent), limits_(limits), batch_(batch) {}

  std::string Null() override {
    return Scalar("null", [](auto& record) { return record.Null(); });
  }
  std::string Bool(bool value) override {
    return Scalar("a boolean", [&](auto& record) { return record.Bool(value); });
  }
  std::string Number(std::string_view text) override {
    return Scalar("a number", [&](auto& record) { return record.Number(text); });
  }
  std::string String(std::string_view value) override {
    return Scalar("a string", [&](auto& record) { return record.String(value); });
  }
  std::string StartObject() override {
    if (!in_document_) {
      in_document_ = true;
      return {};
    }
    if (!in_records_) return NotExpected("an object");
    return Open([](auto& record) { return record.StartObject(); });
  }
  std::string StartArray() override {
    if (!in_document_) return NotExpected("an array");
    if (in_records_) return Open([](auto& record) { return record.StartArray(); });
    in_records_ = true;
    has_records_ = true;
    return {};
  }
  std::string Key(std::string_view name) override {
    if (in_records_) return Tell([&](auto& record) { return record.Key(name); });
    if (name == "records") return {};
    return "the body has no member " + ShownName(name) + "; " + std::string(kWhatToSend);
  }
  std::string EndObject() override {
    return in_records_ ? Close([](auto& record) { return record.EndObject(); }) : std::string();
  }
  std::string EndArray() override {
    if (record_depth_ > 0) return Close([](auto& record) { return record.EndArray(); });
    in_records_ = false;
    return {};
  }

  bool has_records() const { return has_records_; }
  // Of `parsed`, that said the document is wrong.
  BatchFault FaultOf(Status parsed) {
    if (refusal_.ok()) refusal_ = std::move(parsed);
    const bool whole_batch = !in_records_ || too_many_;
    return {refusal_, whole_batch ? std::nullopt : std::optional(batch_.size()), std::nullopt};
  }

 private:
  std::string NotExpected(std::string_view type) const {
    return in_document_ ? "the member records is " + std::string(type) + ", not an array"
                        : "the body is " + std::string(type) + ", not an object";
  }

  // What comes is of a record, perhaps of a new one.
  template <typename Element>
  std::string Tell(Element element) {
    if (record_depth_ == 0) {
      too_many_ = batch_.size() == limits_.batch_records_max;
      if (too_many_) return Refuse(TooMany(limits_.batch_records_max));
      record_.emplace(sent_, ReadMembers::kRefused);
    }
    record_->MoveTo(position());
    return element(*record_);
  }
  template <typename Element>
  std::string Scalar(std::string_view type, Element element) {
    return in_records_ ? Tell(element) : NotExpected(type);
  }
  template <typename Element>
  std::string Open(Element element) {
    std::string objection = Tell(element);
    ++record_depth_;
    return objection;
  }
  template <typename Element>
  std::string Close(Element element) {
    std::string objection = Tell(element);
    if (--record_depth_ > 0 || !objection.empty()) return objection;
    Result<log::NewRecord> record = std::move(*record_).Take(limits_.record);
    if (!record.ok()) return Refuse(record.status());
    batch_.push_back(std::move(*record));
    return {};
  }
  std::string Refuse(Status status) {
    refusal_ = std::move(status);
    return refusal_.message();
  }

  const std::string_view sent_;
  const ApiLimits& limits_;
  log::Batch& batch_;
  bool in_document_ = false;
  bool in_records_ = false;
  bool has_records_ = false;
  bool too_many_ = false;
  std::size_t record_depth_ = 0;
  std::optional<RecordVisitor> record_;
  Status refusal_;
};

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

Problem BatchFault::ToProblem() const {
  const bool too_large = status.code() == StatusCode::kTooLarge;
  std::string place;
  if (line) place = "line " + std::to_string(*line) + ", ";
  if (index) place += "record " + std::to_string(*index) + ": ";
  const std::string_view kind = !too_large ? "invalid-body"
                                : index    ? "record-too-large"
                                           : "batch-too-large";
  Problem problem(too_large ? http::Code::Request_Entity_Too_Large : http::Code::Bad_Request, kind,
                  place + status.message());
  if (index) problem.Member("index", *index);
  if (line) problem.Member("line", *line);
  return problem;
}

std::optional<BatchFault> TakeRawBatch(std::string body, std::optional<std::string> key,
                                       const ApiLimits& limits, log::Batch& batch) {
  log::NewRecord& record = batch.emplace_back();
  record.key = std::move(key);
  record.value = std::move(body);
  if (Status status = CheckRecord(record, limits.record); !status.ok())
    return BatchFault{std::move(status), 0, std::nullopt};
  return std::nullopt;
}

std::optional<BatchFault> ParseJsonBatch(std::string& body, const ApiLimits& limits,
                                         log::Batch& batch) {
  const std::string sent = body;
  BatchVisitor visitor(sent, limits, batch);
  if (Status status = ParseJson(body, visitor); !status.ok())
    return visitor.FaultOf(std::move(status));
  if (!visitor.has_records())
    return BatchFault{
        Mistake("the member records is missing; " + std::string(kWhatToSend)), {}, {}};
  if (batch.empty())
    return BatchFault{Mistake("there are no records; " + std::string(kWhatToSend)), {}, {}};
  return std::nullopt;
}

std::optional<BatchFault> NdjsonBatch::Add(std::string_view piece) {
  for (;;) {
    const std::size_t end = piece.find('\n');
    if (end == std::string_view::npos) break;
    std::string_view line = piece.substr(0, end);
    if (!line_.empty()) line = line_.append(line);
    if (auto fault = AddLine(line)) return fault;
    line_.clear();
    piece.remove_prefix(end + 1);
  }
  line_.append(piece);
  return std::nullopt;
}

std::optional<BatchFault> NdjsonBatch::Finish(log::Batch& batch) {
  if (auto fault = AddLine(line_)) return fault;
  if (batch_.empty()) {
    return BatchFault{
        Mistake(R"(there are no records; send one a line, such as {"text":"hello"})"), {}, {}};
  }
  batch = std::move(batch_);
  return std::nullopt;
}

std::optional<BatchFault> NdjsonBatch::AddLine(std::string_view line) {
  ++lines_;
  if (IsBlank(line)) return std::nullopt;
  if (batch_.size() == limits_.batch_records_max)
    return BatchFault{TooMany(limits_.batch_records_max), {}, {}};
  parsed_.assign(line);
  RecordVisitor visitor(line, ReadMembers::kRefused);
  Status status = ParseJson(parsed_, visitor);
  if (status.ok()) {
    Result<log::NewRecord> record = std::move(visitor).Take(limits_.record);
    status = record.status();
    if (status.ok()) batch_.push_back(std::move(*record));
  }
  if (status.ok()) return std::nullopt;
  return BatchFault{std::move(status), batch_.size(), lines_};
}

}  // namespace daybook::api
