// Records as an event stream has them (HTML, section 9.2, "Server-sent events").
#pragma once

#include <string>
#include <string_view>

#include "api/record_json.h"
#include "base/types.h"
#include "log/log.h"

namespace daybook::api {

inline constexpr std::string_view kEventStreamType = "text/event-stream";

// What a stream begins with: how long a browser is to wait until it tries again, and the id from
// which it goes on when it has seen no event yet. It is no event itself.
void AppendEventsBegin(std::string& out, Offset first);

// `id:` is the offset, `event:` record, `data:` the record as one line.
void AppendRecordEvent(std::string& out, const log::RecordView& record, ValueEncoding encoding);

// No records can be given before `first_offset`: they were trimmed, or are lost, as `reason` says.
void AppendGapEvent(std::string& out, std::string_view reason, Offset first_offset);

// Nothing comes any more. `detail`: "" where the reason says it all.
void AppendEndEvent(std::string& out, std::string_view reason, std::string_view detail);

// Says nothing, but that somebody is there.
void AppendSignOfLife(std::string& out);

}  // namespace daybook::api
