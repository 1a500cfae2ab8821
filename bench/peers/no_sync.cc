// For LD_PRELOAD: a process whose syncs do nothing, so that what they cost can be measured.
//
// What such a process calls durable is lost with the machine's power. Never installed; for the
// yardstick's `disk without fsync` only.
#include <fcntl.h>
#include <unistd.h>

#define NO_SYNC extern "C" __attribute__((visibility("default")))

NO_SYNC int fsync(int /*fd*/) { return 0; }
NO_SYNC int fdatasync(int /*fd*/) { return 0; }
NO_SYNC int sync_file_range(int /*fd*/, off64_t /*offset*/, off64_t /*bytes*/, unsigned /*flags*/) {
  return 0;
}
