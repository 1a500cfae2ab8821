#include "base/heap.h"

#include <cstdlib>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace daybook {

void KeepFreedMemory() {
#if defined(__GLIBC__)
  constexpr int kKeptBytesMax = 4 << 20;
  mallopt(M_TRIM_THRESHOLD, kKeptBytesMax);
  mallopt(M_MMAP_THRESHOLD, kKeptBytesMax);
#endif
}

}  // namespace daybook
