#include "client/batch_source.h"

#include <unistd.h>

#include <utility>

namespace daybook::client {
namespace {

using Input = config::AppendOptions::Input;

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

BatchSource::BatchSource(const config::AppendOptions& options, const BatchLimits& limits,
                         const Waiter& waiter)
    : options_(options), limits_(limits), input_(STDIN_FILENO, waiter, limits.bytes_max) {}

std::string BatchSource::Named(std::uint64_t number) const {
  return (options_.values.empty() ? "line " : "value ") + std::to_string(number);
}

std::string BatchSource::Named(std::uint64_t first, std::uint64_t last) const {
  if (first == last) return Named(first);
  return (options_.values.empty() ? "lines " : "values ") + std::to_string(first) + " to " +
         std::to_string(last);
}

void BatchSource::End(Status error) {
  has_ended_ = true;
  error_ = std::move(error);
}

bool BatchSource::TakeLine(bool waits) {
  for (;;) {
    const Result<InputLines::Outcome> next = input_.Next(waits);
    if (!next.ok()) {
      End({next.status().code(), Named(input_.number()) + ": " + next.status().message()});
      return false;
    }
    if (*next == InputLines::Outcome::kNone) return false;
    if (*next != InputLines::Outcome::kLine) {
      End({});
      return false;
    }
    // As in NDJSON; of text, an empty line is an empty record.
    if (options_.input == Input::kText || !IsBlank(input_.line())) return true;
  }
}

bool BatchSource::Take(bool waits) {
  std::string_view value;
  if (options_.values.empty()) {
    if (!TakeLine(waits)) return false;
    value = input_.line();
    number_ = input_.number();
  } else {
    // The server counts no blank one.
    do {
      if (number_ == options_.values.size()) {
        End({});
        return false;
      }
      value = options_.values[number_++];
    } while (options_.input == Input::kRecords && IsBlank(value));
  }
  const Status status = AppendRecordLine(options_, value, line_);
  if (status.ok() && line_.size() <= limits_.bytes_max) return true;
  End({StatusCode::kUnavailable, Named(number_) + ": " +
                                     (status.ok() ? "it is larger than a request can be, " +
                                                        std::to_string(limits_.bytes_max) + " bytes"
                                                  : status.message())});
  line_.clear();
  return false;
}

void BatchSource::Fill(AppendBatch& batch, bool waits) {
  while (!line_.empty() || (!has_ended_ && batch.HasRoom(0) && Take(waits && batch.empty()))) {
    if (!batch.HasRoom(line_.size())) return;
    batch.Add(line_, number_);
    line_.clear();
  }
}

}  // namespace daybook::client
