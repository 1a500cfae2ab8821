// Content: the bytes of a simulated file, in pages that copies share until one of them is written.
//
// A value; no thread may use one that another alters. Pages themselves never change, so that copies
// may go to other threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace daybook::test {

constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kSectorBytes = 512;
constexpr std::size_t kSectorsPerPage = kPageBytes / kSectorBytes;

using Page = std::array<char, kPageBytes>;
using PagePtr = std::shared_ptr<const Page>;  // null: zeros

// Sectors of one page: bit i is its sector i.
using SectorMask = std::uint8_t;
constexpr SectorMask kWholePage = 0xFF;

class Content {
 public:
  static constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 32;

  std::uint64_t size() const { return size_; }
  // How many pages have room on the disk: those written to or reserved.
  std::uint64_t allocated_pages() const { return allocated_pages_; }
  bool IsAllocated(std::uint64_t page) const {
    return page < allocated_.size() && allocated_[page];
  }
  PagePtr page(std::uint64_t page) const { return page < pages_.size() ? pages_[page] : nullptr; }

  // Copies what is at `position`, zeros where nothing is; the size is not asked.
  void Read(std::uint64_t position, std::span<char> out) const;
  // Writes and grows.
  void Write(std::uint64_t position, std::string_view bytes);
  // Makes all from `position` on zeros without room; the size stays.
  void Cut(std::uint64_t position);
  // Cuts at `bytes`, which becomes the size.
  void Resize(std::uint64_t bytes);
  // The size alone. What stands behind it is there again when it grows.
  void set_size(std::uint64_t bytes) { size_ = bytes; }
  void Allocate(std::uint64_t page);
  // Takes the sectors of `mask` from `from`.
  void Merge(std::uint64_t page, const PagePtr& from, SectorMask mask);

 private:
  void Put(std::uint64_t page, PagePtr content);

  std::uint64_t size_ = 0;
  std::uint64_t allocated_pages_ = 0;
  std::vector<PagePtr> pages_;  // those behind the last stored one are zeros
  std::vector<bool> allocated_;
};

// The sectors of `page` that have a byte of [begin, end).
SectorMask SectorsOf(std::uint64_t page, std::uint64_t begin, std::uint64_t end);

// A change to a file that the disk does not have yet.
struct Change {
  enum class Kind : std::uint8_t { kWrite, kReserve, kTruncate };

  // Carries it out.
  void ApplyTo(Content& content) const;
  // The number of pages that it wrote or reserved, from first_page() on.
  std::uint64_t page_count() const { return (end + kPageBytes - 1) / kPageBytes - first_page(); }
  std::uint64_t first_page() const { return begin / kPageBytes; }
  // Of the page `index` behind first_page().
  SectorMask Sectors(std::uint64_t index) const {
    return SectorsOf(first_page() + index, begin, end);
  }

  Kind kind;
  std::uint64_t sequence;    // its place among the changes of all files and folders
  std::uint64_t size_after;  // the file's
  // The bytes that it wrote or reserved, begin < end; both 0 where a failed sync lost them.
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::vector<PagePtr> pages;  // what it wrote: its pages, as it left them
};

}  // namespace daybook::test
