#include "disk/submissions.h"

#include <atomic>
#include <future>
#include <memory>
#include <utility>

namespace daybook::disk {
namespace {

std::string Describe(const Submission& submission) {
  return "'" + submission.value.substr(0, submission.value.find('/')) + "'";
}

}  // namespace

void AppendKeyed(log::Log& log, const std::string& value, log::AppendDone done) {
  log::Batch batch(1);
  batch.front().value = value;
  log.Append(std::move(batch), {std::nullopt, value.substr(0, value.find('/'))}, std::move(done));
}

void Note(Submission& submission, const Result<log::Appended>& appended) {
  if (appended.ok()) {
    submission.outcome = Submission::Outcome::kAcknowledged;
    submission.offset = appended->first_offset;
  } else if (appended.status().code() != StatusCode::kUnknownOutcome) {
    submission.outcome = Submission::Outcome::kRefused;
  }
}

log::LogInfo InfoOf(log::Log& log) {
  Result<log::LogInfo> info = log::LogInfo();
  log.Info([&](Result<log::LogInfo> told) { info = std::move(told); });
  return *info;
}

Result<Values> ValuesOf(log::Log& log, Offset first) {
  Result<log::Page> page = log::Page();
  log.Read(first, {UINT64_MAX, UINT64_MAX},
           [&](Result<log::Page> read) { page = std::move(read); });
  if (!page.ok()) return page.status();
  Values values;
  for (const log::RecordView& record : page->records) values.emplace_back(record.value);
  return values;
}

std::string Compare(Offset first, const Values& values, std::vector<Submission>& submissions) {
  std::size_t next = 0;
  for (Submission& submission : submissions) {
    const bool acknowledged = submission.outcome == Submission::Outcome::kAcknowledged;
    if (acknowledged && submission.offset < first) continue;
    const bool there = next < values.size() && values[next] == submission.value;
    if (acknowledged && (!there || submission.offset != first + next)) {
      return Describe(submission) + " was acknowledged or seen as offset " +
             std::to_string(submission.offset.value) + " and is not there; there are " +
             std::to_string(values.size()) + " records";
    }
    if (submission.outcome == Submission::Outcome::kRefused && there)
      return Describe(submission) + " was refused or not seen, and is there";
    submission.outcome = there ? Submission::Outcome::kAcknowledged : Submission::Outcome::kRefused;
    submission.offset = first + next;
    if (there) ++next;
  }
  if (next != values.size()) return "a record is there that nobody appended, or in another order";
  return {};
}

std::string Retry(log::Log& log, const std::vector<Submission>& submissions) {
  std::vector<std::promise<Result<log::Appended>>> answers(submissions.size());
  for (std::size_t i = 0; i < submissions.size(); ++i) {
    if (submissions[i].outcome != Submission::Outcome::kAcknowledged) continue;
    AppendKeyed(log, submissions[i].value, [&answer = answers[i]](Result<log::Appended> appended) {
      answer.set_value(std::move(appended));
    });
  }
  std::string fault;
  for (std::size_t i = 0; i < submissions.size(); ++i) {
    if (submissions[i].outcome != Submission::Outcome::kAcknowledged) continue;
    const Result<log::Appended> again = answers[i].get_future().get();
    if (again.ok() && again->replayed && again->first_offset == submissions[i].offset) continue;
    fault = "a retry of " + Describe(submissions[i]) + " is answered " +
            (again.ok() ? "with offset " + std::to_string(again->first_offset.value)
                        : again.status().message());
  }
  return fault;
}

void AskTogether(const std::vector<Ask>& asks) {
  const auto left = std::make_shared<std::atomic<std::size_t>>(asks.size());
  const auto all = std::make_shared<std::promise<void>>();
  const Answered answered = [left, all] {
    if (--*left == 0) all->set_value();
  };
  asks.front()([&asks, answered] {
    for (std::size_t i = 1; i < asks.size(); ++i) asks[i](answered);
    answered();
  });
  all->get_future().wait();
}

void FillUp(test::SimulatedFileSystem& files) {
  constexpr std::uint64_t kCapacityBytes = 1ULL << 40;
  files.SetCapacity(kCapacityBytes);
  const Result<std::uint64_t> free_bytes = files.FreeBytes("/");
  if (free_bytes.ok()) files.SetCapacity(kCapacityBytes - *free_bytes);
}

}  // namespace daybook::disk
