#include "api/record_fields.h"

#include <string_view>

#include "base/hex.h"
#include "base/json_text.h"
#include "base/rfc3339.h"

namespace daybook::api {
namespace {

void AppendEncoded(std::string& fields, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool inner_space = c == ' ' && i > 0 && i + 1 < text.size();
    if (inner_space || (c > ' ' && c <= '~' && c != '%')) {
      fields.push_back(text[i]);
    } else {
      AppendHex(fields.append("%"), c, kUpperHexDigits);
    }
  }
  fields.append("\r\n");
}

}  // namespace

void AppendRecordFields(std::string& fields, const log::RecordView& record) {
  fields.append("Daybook-Offset: ");
  AppendJsonNumber(fields, record.offset.value);
  fields.append("\r\nDaybook-Timestamp: ");
  AppendRfc3339(fields, record.timestamp);
  fields.append("\r\n");
  if (record.key) AppendEncoded(fields.append("Daybook-Key: "), *record.key);
  for (const auto& [name, value] : record.headers)
    AppendEncoded(fields.append("Daybook-Header-").append(name).append(": "), value);
}

}  // namespace daybook::api
