// What becomes of memory that was freed.
#pragma once

namespace daybook {

// Lets each of the allocator's arenas keep up to 4 MiB for what is wanted next. As it comes, glibc
// gives back all above 128 KiB at each release, and the kernel clears the pages anew for the next
// answer of that size; what it learns from larger ones has no such bound. To be called before there
// are threads.
void KeepFreedMemory();

}  // namespace daybook
