#include "log/log.h"

namespace daybook::log {

const char* DurabilityName(Durability durability) {
  switch (durability) {
    case Durability::kMemory:
      return "memory";
    case Durability::kFsync:
      return "fsync";
    case Durability::kQuorum:
      return "quorum";
  }
  CHECK(false, "a durability without a name");
}

}  // namespace daybook::log
