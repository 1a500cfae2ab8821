// Bodies that hold a batch of records: a JSON document, lines of JSON, and one record as it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "api/limits.h"
#include "api/problem.h"
#include "base/status.h"
#include "log/record.h"

namespace daybook::api {

// What is wrong with a batch.
struct BatchFault {
  // kTooLarge: a record is, or, where no record is named, there are too many.
  Status status;
  std::optional<std::size_t> index;  // of the record that is wrong, from 0
  std::optional<std::size_t> line;   // that it is in, from 1

  // With the members index and line.
  Problem ToProblem() const;
};

// One record, whose value is the body.
std::optional<BatchFault> TakeRawBatch(std::string body, std::optional<std::string> key,
                                       const ApiLimits& limits, log::Batch& batch);

// `{"records":[R, ...]}`, at least one. Decodes strings within `body`; fills `batch`.
std::optional<BatchFault> ParseJsonBatch(std::string& body, const ApiLimits& limits,
                                         log::Batch& batch);

// Lines of one R each, which end with LF or CRLF, the last one also with nothing; blank ones do not
// count. Comes in pieces. After a fault nothing more may be asked of it.
class NdjsonBatch {
 public:
  explicit NdjsonBatch(const ApiLimits& limits) : limits_(limits) {}

  std::optional<BatchFault> Add(std::string_view piece);
  // That came so far.
  std::size_t records() const { return batch_.size(); }
  // After the last piece.
  std::optional<BatchFault> Finish(log::Batch& batch);

 private:
  std::optional<BatchFault> AddLine(std::string_view line);

  const ApiLimits limits_;
  std::size_t lines_ = 0;
  std::string line_;    // that goes on in the next piece
  std::string parsed_;  // a copy of a line, in which strings are decoded
  log::Batch batch_;
};

}  // namespace daybook::api
