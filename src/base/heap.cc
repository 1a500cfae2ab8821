#include "base/heap.h"

#include <cstdlib>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace daybook {

void KeepFreedMemory() {
#if defined(__GLIBC__)
  constexpr int kKeptBytesMax = 4 << 20;
  // There are no threads yet.
  mallopt(M_TRIM_THRESHOLD, kKeptBytesMax);  // NOLINT(concurrency-mt-unsafe)
  mallopt(M_MMAP_THRESHOLD, kKeptBytesMax);  // NOLINT(concurrency-mt-unsafe)
#endif
}

}  // namespace daybook
