#include "base/turn.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace daybook {
namespace {

thread_local Turn* current_turn = nullptr;

}  // namespace

Turn::Turn(Kind kind) : kind_(kind) {
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
  if (current_turn == nullptr || current_turn->kind_ == Kind::kBrief) return false;
  current_turn->Add(work);
  return true;
}

bool Turn::PutOffBrief(TurnWork& work) {
  if (current_turn == nullptr) return false;
  current_turn->Add(work);
  return true;
}

void Turn::Add(TurnWork& work) {
  if (std::find(put_off_.begin(), put_off_.end(), &work) == put_off_.end())
    put_off_.push_back(&work);
}

}  // namespace daybook
