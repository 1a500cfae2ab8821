// A log of which a test says what is in it, and when it answers.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "log/log.h"

namespace daybook::api {

class FakeLog : public log::Log {
 public:
  struct Record {
    std::int64_t timestamp_ms = 0;
    std::optional<std::string> key;
    bool lost = false;
  };

  std::vector<Record> records;  // from offset 0 on
  std::string value = "v";      // of all of them
  Offset first_offset;
  bool answers_later = false;           // when AnswerAll() is called
  std::function<void()> before_read;    // is called each time
  std::vector<std::size_t> page_sizes;  // of what was read

  void AnswerAll() {
    while (!owed_.empty()) {
      auto answer = std::move(owed_.front());
      owed_.pop_front();
      answer();
    }
  }

  void Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) override {
    if (before_read) before_read();
    Answer(std::move(done), Result<log::Page>(ReadNow(from, limits)));
  }
  void Info(log::InfoDone done) override {
    log::LogInfo info;
    info.first_offset = first_offset;
    info.next_offset = Offset(records.size());
    Answer(std::move(done), Result<log::LogInfo>(info));
  }
  log::WatchList& watches() override { return watches_; }
  const std::string& name() const override { return name_; }
  const log::LogId& id() const override { return id_; }
  void Append(log::Batch, log::AppendOptions, log::AppendDone) override {}
  void Trim(Offset, log::InfoDone) override {}
  void Configure(const log::RetentionChange&, log::InfoDone) override {}
  void GetCursor(std::string_view, log::CursorDone) override {}
  void Cursors(log::CursorsDone) override {}
  void PutCursor(std::string, Offset, const log::CursorCondition&, log::CursorPutDone) override {}
  void DeleteCursor(std::string_view, const log::CursorCondition&, log::DeleteDone) override {}

  // For those who would own it.
  std::shared_ptr<log::Log> Lent() { return {std::shared_ptr<void>(), this}; }

 private:
  template <typename Done, typename Given>
  void Answer(Done done, Given given) {
    if (!answers_later) return done(std::move(given));
    owed_.emplace_back(
        [done = std::move(done), given = std::move(given)]() mutable { done(std::move(given)); });
  }

  Result<log::Page> ReadNow(Offset from, const log::ReadLimits& limits) {
    const Offset end(records.size());
    if (from > end) return log::BeyondEnd(from, end);
    if (from < first_offset) return log::Trimmed(from, first_offset);
    log::Page page;
    page.first_offset = first_offset;
    page.end = end;
    for (Offset at = from; at < end && page.records.size() < limits.records_max; at = at + 1) {
      const Record& record = records[at.value];
      if (record.lost && at == from) return Status(StatusCode::kLost, "lost", AfterLost(at));
      log::RecordView view;
      view.offset = at;
      view.timestamp = Timestamp(record.timestamp_ms);
      if (record.key) view.key = *record.key;
      view.value = value;
      const std::uint64_t bytes = log::PayloadBytes(view);
      if (record.lost || (page.bytes + bytes > limits.bytes_max && !page.records.empty())) break;
      page.bytes += bytes;
      page.records.push_back(std::move(view));
    }
    page_sizes.push_back(page.records.size());
    return page;
  }
  Offset AfterLost(Offset offset) const {
    while (offset.value < records.size() && records[offset.value].lost) offset = offset + 1;
    return offset;
  }

  const std::string name_ = "fake";
  const log::LogId id_;
  log::WatchList watches_;
  std::deque<UniqueFunction<void()>> owed_;
};

}  // namespace daybook::api
