#include "log/memory_account.h"

#include <string>

namespace daybook::log {

Status MemoryAccount::Reserve(std::uint64_t bytes, const char* what) {
  std::uint64_t held = held_bytes_;
  do {
    if (bytes > bytes_max_ - held) {
      full_ = true;
      return {StatusCode::kNoSpace, "the logs hold " + std::to_string(held) + " of at most " +
                                        std::to_string(bytes_max_) + " bytes in memory; " + what +
                                        " needs " + std::to_string(bytes)};
    }
  } while (!held_bytes_.compare_exchange_weak(held, held + bytes));
  if (full_) full_ = false;
  return {};
}

void MemoryAccount::CountAppend(std::uint64_t records, std::uint64_t bytes) {
  appended_records_ += records;
  appended_bytes_ += bytes;
}

void MemoryAccount::CountRead(std::uint64_t records, std::uint64_t bytes) {
  read_records_ += records;
  read_bytes_ += bytes;
}

Activity MemoryAccount::activity() const {
  return {appended_records_, appended_bytes_, read_records_, read_bytes_};
}

}  // namespace daybook::log
