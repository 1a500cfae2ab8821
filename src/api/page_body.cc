#include "api/page_body.h"

#include <algorithm>

#include "api/record_frames.h"
#include "base/json_text.h"

namespace daybook::api {
namespace {

constexpr std::size_t kPieceBytes = 64 << 10;
// From that on a value is sent from where it lies.
constexpr std::size_t kViewBytesMin = 16 << 10;

}  // namespace

bool PageBody::Next(http::BodyPiece& piece) {
  piece.text.reserve(std::min<std::uint64_t>(bytes_about(), kPieceBytes + kViewBytesMin));
  if (shown_ == 0 && form_ == PageForm::kJson) piece.text = R"({"records":[)";
  while (shown_ < page_.records.size() && piece.text.size() < kPieceBytes && piece.view.empty()) {
    if (form_ == PageForm::kJson && shown_ > 0) piece.text.push_back(',');
    Add(page_.records[shown_++], piece);
  }
  if (shown_ < page_.records.size()) return true;
  if (form_ != PageForm::kJson) return false;
  piece.text.append(R"(],"next_offset":)");
  AppendJsonNumber(piece.text, next_offset_.value);
  piece.text.append("}\n");
  return false;
}

void PageBody::Add(const log::RecordView& record, http::BodyPiece& piece) const {
  if (form_ == PageForm::kJson || form_ == PageForm::kNdjson) {
    AppendRecordJson(piece.text, record, encoding_);
    if (form_ == PageForm::kNdjson) piece.text.push_back('\n');
    return;
  }
  if (form_ == PageForm::kFrames) AppendRecordFrameHead(piece.text, record);
  if (record.value.size() >= kViewBytesMin) {
    piece.view = record.value;
  } else {
    piece.text.append(record.value);
  }
}

std::optional<std::uint64_t> PageBody::size() const {
  if (form_ == PageForm::kJson || form_ == PageForm::kNdjson) return std::nullopt;
  if (form_ == PageForm::kFrames) return RecordFramesBytes(page_);
  std::uint64_t bytes = 0;
  for (const log::RecordView& record : page_.records) bytes += record.value.size();
  return bytes;
}

std::size_t PageBody::held_bytes() const {
  return page_.bytes + page_.records.size() * sizeof(log::RecordView);
}

std::uint64_t PageBody::bytes_about() const {
  constexpr std::uint64_t kAroundRecord = 80;
  constexpr std::uint64_t kAroundAll = 64;
  const std::uint64_t as_base64 = page_.bytes + page_.bytes / 3;
  return kAroundAll + page_.records.size() * kAroundRecord + as_base64;
}

}  // namespace daybook::api
