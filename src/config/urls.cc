#include "config/urls.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace daybook::config {

bool IsAllOf(std::string_view text, std::initializer_list<std::string_view> sets) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return std::any_of(sets.begin(), sets.end(),
                       [c](std::string_view set) { return set.find(c) != std::string_view::npos; });
  });
}

namespace {

bool IsPort(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65535;
}

// `text` is host, host:port, [v6] or [v6]:port.
bool IsHostAndPort(std::string_view text, bool port_needed) {
  const bool v6 = !text.empty() && text.front() == '[';
  const std::size_t end = v6 ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return false;
  const std::string_view host = v6 ? text.substr(1, end - 1) : text.substr(0, end);
  const std::string_view port = text.substr(v6 ? end + 1 : end);
  const bool right_host = v6 ? IsAllOf(host, {kDigits, "abcdefABCDEF:."})
                             : IsAllOf(host, {kDigits, kLowerLetters, kUpperLetters, "-._"});
  if (host.empty() || !right_host) return false;
  return port.empty() ? !port_needed : port.front() == ':' && IsPort(port.substr(1));
}

}  // namespace

bool AreUrls(std::string_view text, std::initializer_list<std::string_view> schemes,
             bool port_needed) {
  if (text.empty()) return true;
  for (;;) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view url = text.substr(0, end);
    const bool right = std::any_of(schemes.begin(), schemes.end(), [&](std::string_view scheme) {
      return url.substr(0, scheme.size()) == scheme &&
             IsHostAndPort(url.substr(scheme.size()), port_needed);
    });
    if (!right) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

}  // namespace daybook::config
