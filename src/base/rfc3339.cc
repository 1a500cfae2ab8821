#include "base/rfc3339.h"

#include <chrono>
#include <cstdio>

namespace daybook {
namespace {

// Reads a timestamp from its front to its end.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  // A number of so many digits, which is at most `max`; 0 where there is none.
  int Number(std::size_t digits, int max) {
    int number = 0;
    for (std::size_t i = 0; i < digits; ++i) number = number * 10 + Digit();
    if (number > max) broken_ = true;
    return number;
  }
  // One of those characters.
  char Character(std::string_view allowed) {
    const char c = rest_.empty() ? '\0' : rest_.front();
    if (allowed.find(c) == std::string_view::npos) broken_ = true;
    if (!rest_.empty()) rest_.remove_prefix(1);
    return c;
  }
  // ".25" is 250; nothing is 0.
  int Milliseconds() {
    if (!rest_.starts_with('.')) return 0;
    rest_.remove_prefix(1);
    int milliseconds = Digit() * 100;
    bool more = false;
    for (int place = 10; NextIsDigit(); place /= 10) {
      const int digit = Digit();
      milliseconds += digit * place;
      more = more || (place == 0 && digit > 0);
    }
    return milliseconds + (more ? 1 : 0);
  }
  // What is added to UTC.
  std::chrono::minutes Zone() {
    const char sign = Character("Zz+-");
    if (sign == 'Z' || sign == 'z') return {};
    const std::chrono::hours hours(Number(2, 23));
    Character(":");
    const std::chrono::minutes zone = hours + std::chrono::minutes(Number(2, 59));
    return sign == '-' ? -zone : zone;
  }
  bool whole() const { return !broken_ && rest_.empty(); }

 private:
  bool NextIsDigit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
  int Digit() {
    broken_ = broken_ || !NextIsDigit();
    if (broken_) return 0;
    const int digit = rest_[0] - '0';
    rest_.remove_prefix(1);
    return digit;
  }

  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace

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

std::optional<Timestamp> ParseRfc3339(std::string_view text) {
  constexpr int kLeapSecond = 60;
  Reader reader(text);
  const std::chrono::year year(reader.Number(4, 9999));
  reader.Character("-");
  const std::chrono::month month(static_cast<unsigned>(reader.Number(2, 12)));
  reader.Character("-");
  const std::chrono::day day(static_cast<unsigned>(reader.Number(2, 31)));
  reader.Character("Tt");
  const std::chrono::hours hours(reader.Number(2, 23));
  reader.Character(":");
  const std::chrono::minutes minutes(reader.Number(2, 59));
  reader.Character(":");
  const std::chrono::seconds seconds(reader.Number(2, kLeapSecond));
  const std::chrono::milliseconds milliseconds(reader.Milliseconds());
  const std::chrono::minutes zone = reader.Zone();
  const std::chrono::year_month_day date{year, month, day};
  if (!reader.whole() || !date.ok()) return std::nullopt;
  const std::chrono::sys_time<std::chrono::milliseconds> time =
      std::chrono::sys_days(date) + hours + minutes + seconds + milliseconds - zone;
  return Timestamp(time.time_since_epoch().count());
}

}  // namespace daybook
