// Turn is a stretch of one thread's work at whose end what came up in it is done together.
//
// A thread that serves many connections opens one around each round of its loop. What it calls may
// put something off to the end of the turn, to do it once for all of them, and for the thread that
// is at it anyway. All calls are for the turn's own thread.
#pragma once

#include <vector>

namespace daybook {

// What can be put off. Must outlive the turns of all threads that use it.
class TurnWork {
 public:
  virtual ~TurnWork() = default;
  // Called at the end of the turn. May put itself, and other things, off again.
  virtual void OnTurnEnd() = 0;
};

class Turn {
 public:
  Turn();
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // Does what was put off so far; the turn goes on.
  void Finish();

  // Puts `work` off, once however often it is asked. False: this thread has no turn now.
  static bool PutOff(TurnWork& work);

 private:
  std::vector<TurnWork*> put_off_;
};

}  // namespace daybook
