// What goes with a record's value, where that is sent alone: header fields of the answer.
#pragma once

#include <string>

#include "log/record.h"

namespace daybook::api {

// Appends Daybook-Offset, Daybook-Timestamp, Daybook-Key where it has one, and a
// Daybook-Header-<name> each, whole lines. In key and headers '%', spaces at either end, and what
// is not printable ASCII are percent-encoded.
void AppendRecordFields(std::string& fields, const log::RecordView& record);

}  // namespace daybook::api
