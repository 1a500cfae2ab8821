// PageBody shows the records of a page, one after the other, while they are sent. It keeps the
// page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "api/record_json.h"
#include "http/body_source.h"
#include "log/log.h"

namespace daybook::api {

// A document with `records` and `next_offset`; a record a line; record_frames.h; values alone.
enum class PageForm { kJson, kNdjson, kFrames, kValues };

class PageBody : public http::BodySource {
 public:
  PageBody(log::Page page, Offset next_offset, PageForm form, ValueEncoding encoding)
      : page_(std::move(page)), next_offset_(next_offset), form_(form), encoding_(encoding) {}

  bool Next(http::BodyPiece& piece) override;
  // Known of frames and values.
  std::optional<std::uint64_t> size() const override;
  std::size_t held_bytes() const override;

  // About how large the body is.
  std::uint64_t bytes_about() const;

 private:
  void Add(const log::RecordView& record, http::BodyPiece& piece) const;

  const log::Page page_;
  const Offset next_offset_;
  const PageForm form_;
  const ValueEncoding encoding_;
  std::size_t shown_ = 0;  // of the page's records
};

}  // namespace daybook::api
