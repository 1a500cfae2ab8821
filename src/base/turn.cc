#include "base/turn.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace daybook {
namespace {

thread_local Turn* current_turn = nullptr;

}  // namespace

Turn::Turn() {
  CHECK(current_turn == nullptr, "a thread has one turn at a time");
  current_turn = this;
}

Turn::~Turn() {
  Finish();
  current_turn = nullptr;
}

void Turn::Finish() {
  while (!put_off_.empty()) {
    for (TurnWork* work : std::exchange(put_off_, {})) work->OnTurnEnd();
  }
}

bool Turn::PutOff(TurnWork& work) {
  if (current_turn == nullptr) return false;
  std::vector<TurnWork*>& put_off = current_turn->put_off_;
  if (std::find(put_off.begin(), put_off.end(), &work) == put_off.end()) put_off.push_back(&work);
  return true;
}

}  // namespace daybook
