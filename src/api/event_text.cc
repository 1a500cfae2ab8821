#include "api/event_text.h"

#include "base/json_text.h"

namespace daybook::api {

void AppendEventsBegin(std::string& out, Offset first) {
  out.append("retry: 2000\nid: ");
  if (first == Offset(0)) {
    out.append("-1");
  } else {
    AppendJsonNumber(out, first.value - 1);
  }
  out.append("\n\n");
}

void AppendRecordEvent(std::string& out, const log::RecordView& record, ValueEncoding encoding) {
  out.append("id: ");
  AppendJsonNumber(out, record.offset.value);
  out.append("\nevent: record\ndata: ");
  AppendRecordJson(out, record, encoding);
  out.append("\n\n");
}

void AppendGapEvent(std::string& out, std::string_view reason, Offset first_offset) {
  out.append("event: gap\ndata: {\"first_offset\":");
  AppendJsonNumber(out, first_offset.value);
  AppendJsonMember(out, "reason", reason);
  out.append("}\n\n");
}

void AppendEndEvent(std::string& out, std::string_view reason, std::string_view detail) {
  out.append("event: end\ndata: {\"reason\":");
  AppendJsonString(out, reason);
  if (!detail.empty()) AppendJsonMember(out, "detail", detail);
  out.append("}\n\n");
}

void AppendSignOfLife(std::string& out) { out.append(":\n\n"); }

}  // namespace daybook::api
