#include "base/rfc3339.h"

#include <chrono>
#include <cstdio>

namespace daybook {

void AppendRfc3339(std::string& out, Timestamp timestamp) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> since_epoch{
      std::chrono::milliseconds(timestamp.milliseconds)};
  const auto day = floor<std::chrono::days>(since_epoch);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{since_epoch - day};
  char text[64];
  const int bytes = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  out.append(text, static_cast<std::size_t>(bytes));
}

}  // namespace daybook
