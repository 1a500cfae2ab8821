#include "base/rfc3339.h"

#include <chrono>
#include <cstddef>
#include <string>

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

// Writes `value` as so many digits as there are, in place of what stands there.
template <std::size_t kDigits>
void PutDigits(char* at, unsigned value) {
  for (std::size_t i = kDigits; i > 0; value /= 10) at[--i] = static_cast<char>('0' + value % 10);
}

}  // namespace

void AppendRfc3339(std::string& out, Timestamp timestamp) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> since_epoch{
      std::chrono::milliseconds(timestamp.milliseconds)};
  const auto day = floor<std::chrono::days>(since_epoch);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{since_epoch - day};
  const int year = static_cast<int>(date.year());
  char text[] = "0000-00-00T00:00:00.000Z";
  PutDigits<2>(text + 5, static_cast<unsigned>(date.month()));
  PutDigits<2>(text + 8, static_cast<unsigned>(date.day()));
  PutDigits<2>(text + 11, static_cast<unsigned>(time.hours().count()));
  PutDigits<2>(text + 14, static_cast<unsigned>(time.minutes().count()));
  PutDigits<2>(text + 17, static_cast<unsigned>(time.seconds().count()));
  PutDigits<3>(text + 20, static_cast<unsigned>(time.subseconds().count()));
  if (year >= 0 && year <= 9999) {
    PutDigits<4>(text, static_cast<unsigned>(year));
    out.append(text, sizeof text - 1);
  } else {  // which RFC 3339 has no text for
    out.append(std::to_string(year)).append(text + 4, sizeof text - 5);
  }
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
