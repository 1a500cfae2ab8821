#include "jetstream/readiness.h"

namespace daybook::jetstream {

void Readiness::Note(bool in_reach, Time now) {
  if (in_reach != in_reach_) since_ = now;
  in_reach_ = in_reach;
  if (in_reach && (!was_ready_ || now - since_ >= kBackTime)) ready_ = was_ready_ = true;
  if (!in_reach && now - since_ >= kCutOffTime) ready_ = false;
}

}  // namespace daybook::jetstream
