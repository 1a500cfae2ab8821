// FolderMutation reads an input as a list of changes to the files of a data folder, and makes them:
// flipped bits, cuts, ranges that are copied and swapped, files that go and come. Some changes make
// a checksum anew, or write a frame with right ones, so that what lies behind the checksums is
// reached.
//
// A change is one byte for its kind, followed by what it takes; FolderMutation::Next() is the list.
// Files are counted in an order that does not depend on the log's random id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/simulated_file_system.h"

namespace daybook::fuzz {

// The bytes of an input, one behind the other; zeros behind their end.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t Byte();
  std::uint16_t Short();
  // At most `bytes`.
  std::string Bytes(std::size_t bytes);

 private:
  std::string_view rest_;
};

// A segment's frames as their headers tell, followed from the first on.
struct Frames {
  std::uint64_t last_position = 0;  // of the last one; 0: there is none
  std::uint64_t end = 0;
  std::uint64_t next_offset = 0;
};
Frames FramesOf(const std::string& segment);

class FolderMutation {
 public:
  // Of the log whose folder is `log_folder`, in a data folder `/data`.
  FolderMutation(test::SimulatedFileSystem& files, std::string log_folder);

  // Makes the next change of the input.
  void Next(Input& input);

  // Whether a checksum was made: then a record may be there that nobody appended.
  bool forged() const { return forged_; }
  // Whether the last segment may be without its last frame now: then the log may be shorter.
  bool tail_touched() const { return tail_touched_; }

 private:
  std::vector<std::string> Files() const;
  // One of them; "" where there is none.
  std::string ChooseFile(Input& input) const;
  // Puts `bytes` where the file's position is, which may lie behind its end.
  void Overwrite(const std::string& path, std::uint64_t position, std::string_view bytes);
  void Replace(const std::string& path, const std::string& bytes);
  void Cut(const std::string& path, std::uint64_t bytes);
  void Remove(const std::string& path);
  void RemoveCatalogue();
  void AddFile(Input& input);
  void Swap(Input& input);
  void SignHeader(const std::string& path);
  void SignFrame(const std::string& path, std::uint64_t position);
  void SignIndex(const std::string& path);
  void WriteFrame(Input& input);

  test::SimulatedFileSystem& files_;
  const std::string log_folder_;
  std::string last_segment_;
  std::uint64_t tail_position_ = 0;
  bool forged_ = false;
  bool tail_touched_ = false;
};

}  // namespace daybook::fuzz
