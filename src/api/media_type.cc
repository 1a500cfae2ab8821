#include "api/media_type.h"

#include <algorithm>

#include "base/ascii.h"

namespace daybook::api {
namespace {

constexpr unsigned kFullWeight = 1000;

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenCharacter);
}

// "0.7" is 700; none for what is no weight (RFC 9110 section 12.4.2).
std::optional<unsigned> ParseWeight(std::string_view text) {
  constexpr std::size_t kDigitsMax = 3;
  if (text.empty() || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.'))
    return std::nullopt;
  unsigned weight = text[0] == '1' ? kFullWeight : 0;
  const std::string_view digits = text.substr(std::min<std::size_t>(2, text.size()));
  if (digits.size() > kDigitsMax) return std::nullopt;
  unsigned place = kFullWeight / 10;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    weight += static_cast<unsigned>(digit - '0') * place;
    place /= 10;
  }
  return weight <= kFullWeight ? std::optional(weight) : std::nullopt;
}

// How closely `range` names `type`: 0 not at all, 3 by its very name.
int Closeness(std::string_view range, std::string_view type) {
  if (EqualIgnoringCase(range, type)) return 3;
  const std::string_view family = type.substr(0, type.find('/') + 1);
  if (range.size() == family.size() + 1 && range.back() == '*' &&
      EqualIgnoringCase(range.substr(0, family.size()), family))
    return 2;
  return range == "*/*" ? 1 : 0;
}

// The weight that the closest range gives to `type`.
unsigned WeightOf(std::string_view type, std::string_view accept) {
  int closest = 0;
  unsigned weight = 0;
  while (!accept.empty()) {
    std::string_view parameters = TakeUntil(accept, ',');
    const int closeness = Closeness(TakeUntil(parameters, ';'), type);
    std::optional<unsigned> its_weight = kFullWeight;
    while (!parameters.empty()) {
      std::string_view value = TakeUntil(parameters, ';');
      if (EqualIgnoringCase(TakeUntil(value, '='), "q")) its_weight = ParseWeight(Trim(value));
    }
    if (closeness <= closest || !its_weight) continue;
    closest = closeness;
    weight = *its_weight;
  }
  return weight;
}

}  // namespace

std::string_view MediaTypeOf(std::string_view content_type) {
  const std::string_view type = TakeUntil(content_type, ';');
  const std::size_t slash = std::min(type.find('/'), type.size());
  const bool well_formed =
      slash < type.size() && IsToken(type.substr(0, slash)) && IsToken(type.substr(slash + 1));
  return well_formed ? type : std::string_view();
}

std::optional<std::size_t> Negotiate(std::string_view accept,
                                     std::span<const std::string_view> offered) {
  if (Trim(accept).empty()) return 0;
  std::optional<std::size_t> best;
  unsigned best_weight = 0;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const unsigned weight = WeightOf(offered[i], accept);
    if (weight <= best_weight) continue;
    best = i;
    best_weight = weight;
  }
  return best;
}

}  // namespace daybook::api
