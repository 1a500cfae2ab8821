// BodyStream puts a BodySource's pieces, framed, into a connection's Output as that is sent. Owned
// by a Connection and used on its thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "http/body_budget.h"
#include "http/body_source.h"
#include "http/output.h"

namespace daybook::http {

class BodyStream {
 public:
  // `held`: what the source keeps in memory. Without a size, and not `chunked`, the body ends with
  // the connection.
  BodyStream(std::unique_ptr<BodySource> source, BodyShare held, bool chunked);

  // Adds pieces until enough of them wait in `output`, the source has ended, or others should have
  // their turn. Throws what the source throws, and where its body is not of its size.
  void Fill(Output& output);

  bool ended() const { return ended_; }
  // False: the budget has none for what the source keeps by now.
  bool has_room() const { return has_room_; }
  // There is nothing more until the source wakes its connection.
  bool waits() const { return waits_ && !ended_; }
  BodySource& source() { return *source_; }
  // Of the body, without framing, so far.
  std::uint64_t bytes() const { return bytes_; }

 private:
  void Add(BodyPiece piece, Output& output);

  std::unique_ptr<BodySource> source_;
  BodyShare held_;
  const std::optional<std::uint64_t> size_;
  const bool chunked_;
  bool ended_ = false;
  bool waits_ = false;
  bool has_room_ = true;
  std::uint64_t bytes_ = 0;
};

}  // namespace daybook::http
