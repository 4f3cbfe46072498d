#pragma once

#include <sys/types.h>

#include <string>

namespace hotspan {

// Runs on the signalled thread, inside the signal handler: see record_ring.h
// for what it may do. errno is saved around it.
using SampleHandler_signal = void (*)(void* ucontext);

// hotspan's own signal, process-wide: SIGPROF belongs to V8, DevTools and dd-trace.
// SIGURG comes first, since its default action is to do nothing: one that is still
// under way when other code resets its handler, or when a thread calls execve(),
// ends no process. When something handles SIGURG, as a second copy of the addon
// does, it is the first real-time signal that nothing handles.
class SamplingSignal {
 public:
  // Installs the handler. On failure returns false and a one-line reason.
  static bool Install(SampleHandler_signal handler, std::string* why);
  // Gives the previous disposition back. Signals still under way are ignored
  // safely: the disposition was "default", so it becomes "ignore".
  static void Uninstall();
  // Asks `tid` of this process to run the handler. Looks first whether the handler
  // is still there: other code may have reset or replaced it, and the signal would
  // end the process or surprise that code. Another signal is taken then. False: the
  // thread is gone, or no signal is left.
  static bool Send(pid_t tid);
  // Whether a signal that was sent to the thread waits because the thread blocks
  // it. Reads /proc: 30 us.
  static bool IsPending(pid_t tid);
  // Takes back one that waits for the calling thread.
  static void DiscardPending();
  // Whether other code took one signal after the other and none is left.
  static bool lost();
};

}  // namespace hotspan
