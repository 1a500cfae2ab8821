// Records as bytes, for readers that want no JSON. Little-endian, one behind the other:
//
//   offset  size  field
//        0     8  the record's offset
//        8     8  its timestamp, in milliseconds since 1970
//       16     4  key bytes; 0 where it has none
//       20     4  headers bytes; 0 where it has none
//       24     4  value bytes
//       28        the key; the headers, as a JSON object of strings; the value
#pragma once

#include <cstdint>
#include <string>

#include "log/log.h"

namespace daybook::api {

// Of all of the page's frames.
std::uint64_t RecordFramesBytes(const log::Page& page);
// All of it but the value, which follows.
void AppendRecordFrameHead(std::string& out, const log::RecordView& record);

}  // namespace daybook::api
