#include "support/simulated_content.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace daybook::test {
namespace {

bool AllZeros(std::string_view bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

std::shared_ptr<Page> CopyOf(const PagePtr& page) {
  return page ? std::make_shared<Page>(*page) : std::make_shared<Page>();
}

}  // namespace

void Content::Read(std::uint64_t position, std::span<char> out) const {
  while (!out.empty()) {
    const std::size_t within = position % kPageBytes;
    const std::size_t bytes = std::min(out.size(), kPageBytes - within);
    const std::uint64_t index = position / kPageBytes;
    if (index < pages_.size() && pages_[index]) {
      std::memcpy(out.data(), pages_[index]->data() + within, bytes);
    } else {
      std::memset(out.data(), 0, bytes);
    }
    position += bytes;
    out = out.subspan(bytes);
  }
}

void Content::Write(std::uint64_t position, std::string_view bytes) {
  CHECK(position + bytes.size() <= kBytesMax, "a simulated file is that large at most");
  size_ = std::max(size_, position + bytes.size());
  while (!bytes.empty()) {
    const std::uint64_t index = position / kPageBytes;
    const std::size_t within = position % kPageBytes;
    const std::string_view part = bytes.substr(0, kPageBytes - within);
    Allocate(index);
    const PagePtr before = page(index);
    if (before || !AllZeros(part)) {
      const std::shared_ptr<Page> after =
          part.size() == kPageBytes ? std::make_shared<Page>() : CopyOf(before);
      std::memcpy(after->data() + within, part.data(), part.size());
      Put(index, after);
    }
    position += part.size();
    bytes.remove_prefix(part.size());
  }
}

void Content::Cut(std::uint64_t position) {
  const std::uint64_t index = position / kPageBytes;
  const std::size_t within = position % kPageBytes;
  const std::uint64_t kept = index + (within > 0 ? 1 : 0);
  if (pages_.size() > kept) pages_.resize(kept);
  if (within > 0 && page(index)) {
    const std::shared_ptr<Page> cut = CopyOf(page(index));
    std::fill(cut->begin() + static_cast<std::ptrdiff_t>(within), cut->end(), '\0');
    Put(index, cut);
  }
  for (; allocated_.size() > kept; allocated_.pop_back()) {
    if (allocated_.back()) --allocated_pages_;
  }
}

void Content::Resize(std::uint64_t bytes) {
  Cut(bytes);
  size_ = bytes;
}

void Content::Allocate(std::uint64_t page) {
  if (allocated_.size() <= page) allocated_.resize(page + 1);
  if (!allocated_[page]) ++allocated_pages_;
  allocated_[page] = true;
}

void Content::Merge(std::uint64_t page, const PagePtr& from, SectorMask mask) {
  if (mask == 0) return;
  Allocate(page);
  const PagePtr before = this->page(page);
  if (before == from) return;
  if (mask == kWholePage) return Put(page, from);
  const std::shared_ptr<Page> merged = CopyOf(before);
  for (std::size_t sector = 0; sector < kSectorsPerPage; ++sector) {
    if ((mask >> sector & 1) == 0) continue;
    char* const to = merged->data() + sector * kSectorBytes;
    if (from) {
      std::memcpy(to, from->data() + sector * kSectorBytes, kSectorBytes);
    } else {
      std::memset(to, 0, kSectorBytes);
    }
  }
  Put(page, merged);
}

void Content::Put(std::uint64_t page, PagePtr content) {
  if (pages_.size() <= page) pages_.resize(page + 1);
  pages_[page] = std::move(content);
}

SectorMask SectorsOf(std::uint64_t page, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t page_begin = page * kPageBytes;
  begin = std::max(begin, page_begin);
  end = std::min(end, page_begin + kPageBytes);
  if (begin >= end) return 0;
  const std::size_t first = (begin - page_begin) / kSectorBytes;
  const std::size_t last = (end - 1 - page_begin) / kSectorBytes;
  return static_cast<SectorMask>((kWholePage << first) &
                                 (kWholePage >> (kSectorsPerPage - 1 - last)));
}

void Change::ApplyTo(Content& content) const {
  switch (kind) {
    case Kind::kWrite:
      for (std::uint64_t i = 0; i < page_count(); ++i)
        content.Merge(first_page() + i, pages[i], Sectors(i));
      break;
    case Kind::kReserve:
      for (std::uint64_t i = 0; i < page_count(); ++i) content.Allocate(first_page() + i);
      break;
    case Kind::kTruncate:
      content.Cut(size_after);
      break;
  }
  content.set_size(size_after);
}

}  // namespace daybook::test
