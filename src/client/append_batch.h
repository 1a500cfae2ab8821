// AppendBatch gathers records as lines of NDJSON, up to what a server takes in one request. One
// thread uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/client_options.h"

namespace daybook::client {

struct BatchLimits {
  std::uint64_t records_max = 10'000;
  std::uint64_t bytes_max = 16 << 20;
};

// One record's line, of a value, as the options say; appended to `lines`. kInvalidArgument: it is
// not what they say that it is.
Status AppendRecordLine(const config::AppendOptions& options, std::string_view value,
                        std::string& lines);

class AppendBatch {
 public:
  explicit AppendBatch(const BatchLimits& limits) : limits_(limits) {}

  // Whether there is room for another record's line.
  bool HasRoom(std::size_t line_bytes) const {
    return places_.size() < limits_.records_max && lines_.size() + line_bytes <= limits_.bytes_max;
  }
  // `number` says where the record is from.
  void Add(std::string_view line, std::uint64_t number);
  void Clear();

  bool empty() const { return places_.empty(); }
  std::size_t records() const { return places_.size(); }
  // Of the records from `begin` on, before `end`.
  std::string_view Lines(std::size_t begin, std::size_t end) const;
  std::uint64_t number(std::size_t index) const { return places_.at(index).number; }

 private:
  struct Place {
    std::uint64_t number;
    std::size_t position;  // of its line
  };

  BatchLimits limits_;
  std::string lines_;
  std::vector<Place> places_;
};

}  // namespace daybook::client
