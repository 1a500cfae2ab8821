// SegmentWriter appends frames to one log's active segment and makes them durable.
//
// Frames are gathered by Add(), leave in one write by Write(), and are durable when Sync() has
// returned OK, or when they are otherwise: then NoteDurable() says so. Writes never pass the room
// that was reserved for them, so that a full disk is noticed before a frame gets its offset, and
// never by a sync. Room that was only reserved has to be converted by the sync of what is written
// there, block by block; so the small writes that follow find zeros that an earlier one wrote
// behind its frames. After a failed write or sync nothing is known of the file (see "Poison" in
// ARCHITECTURE.md): every later call is refused. Used by one thread at a time; does not outlive its
// file system.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/status.h"
#include "disk/append_body.h"
#include "disk/format.h"

namespace daybook::disk {

class SegmentWriter {
 public:
  static constexpr std::uint64_t kZerosAheadBytes = 256 << 10;

  // Makes a segment under a temporary name: room, a header with a salt of its own, synced.
  // Publish() gives it its name. kNoSpace: nothing of it is left.
  static Result<std::unique_ptr<SegmentWriter>> Create(FileSystem& files, const std::string& folder,
                                                       const log::LogId& log, Offset first_offset,
                                                       Timestamp created);
  // Goes on behind the last frame of a segment whose frames end at `position`, all durable.
  // The file is opened when something is to be written.
  static std::unique_ptr<SegmentWriter> Resume(FileSystem& files, const std::string& folder,
                                               const SegmentHeader& header, std::uint64_t position);

  // Of a segment without frames: makes `frame` its first one, with a mark behind it, durably.
  // kNoSpace: the segment is of no use.
  Status BeginWith(EncodedAppend frame, Timestamp timestamp);

  // Gives the segment its name, durably. To be called when everything before it is durable: a
  // segment that has its name proves that.
  Status Publish();

  // Reserves room for `bytes` more and for the mark behind them. kNoSpace: there is none; what was
  // added before still fits. kUnavailable: the file cannot be opened now. kIo: refused from here
  // on.
  Status MakeRoom(std::uint64_t bytes);

  // Adds a frame: `bytes` has room for its header, then the body, then padding. Fills in the
  // header, of which durable_position and body_checksum are found here. Returns its position.
  std::uint64_t Add(FrameHeader header, std::string bytes);
  // Adds a mark that says that everything before it is durable, which must be so.
  Status AddMark(Offset next_offset, Timestamp timestamp, bool seal);

  // Zeros behind the frames are for syncs to come of this file.
  enum class Zeros : std::uint8_t { kNone, kWhereTheyPay };
  Status Write(Zeros zeros = Zeros::kWhereTheyPay);
  Status Sync();
  // What was written is durable, for it stands in a journal, too.
  void NoteDurable() { durable_position_ = written_position_; }
  // Adds a mark, writes and syncs it.
  Status Mark(Offset next_offset, Timestamp timestamp, bool seal);

  // What was added and is not written yet, from written_position() on.
  const std::vector<std::string>& added() const { return added_; }
  std::uint64_t written_position() const { return written_position_; }

  // Closes the file until MakeRoom() is called, unless something is not durable yet.
  void Release();
  // Gives the room behind the last frame back, durably.
  Status CutToSize();
  // The same, but a power loss may bring it back.
  Status GiveRoomBack();

  const SegmentHeader& header() const { return header_; }
  // Its name until it is published.
  std::string temporary_path() const;
  // Where the next frame will stand.
  std::uint64_t position() const { return position_; }

 private:
  SegmentWriter(FileSystem& files, std::string folder, const SegmentHeader& header,
                std::unique_ptr<File> file, std::uint64_t position);

  Status Open();
  Status Reserve(std::uint64_t position_end);
  Status FillWithZeros(std::uint64_t position_end);
  bool ZerosPay() const;
  Status Refuse(const Status& status);

  FileSystem& files_;
  const std::string folder_;
  const SegmentHeader header_;
  std::unique_ptr<File> file_;  // null: it is closed
  std::uint64_t position_;
  std::uint64_t written_position_;
  std::uint64_t durable_position_;
  std::uint64_t zeroed_position_;  // bytes up to here were written once, if only as zeros
  std::uint64_t reserved_position_;
  std::uint64_t step_bytes_;        // of the next reservation
  std::vector<std::string> added_;  // frames that were not written yet
  bool added_mark_ = false;         // there is one among them
  bool unsynced_ = false;           // something of the file is
  Status refusal_;                  // of every further call
};

}  // namespace daybook::disk
