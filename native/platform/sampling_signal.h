#pragma once

#include <sys/types.h>

#include <string>

namespace hotspan {

// Runs on the signalled thread, inside the signal handler: see record_ring.h
// for what it may do. errno is saved around it.
using SampleHandler_signal = void (*)(void* ucontext);

// hotspan's own real-time signal, process-wide: SIGPROF belongs to V8, DevTools
// and dd-trace. The first signal between SIGRTMIN and SIGRTMAX that nobody
// handles is taken, so a second copy of the addon takes another.
class SamplingSignal {
 public:
  // Installs the handler. On failure returns false and a one-line reason.
  static bool Install(SampleHandler_signal handler, std::string* why);
  // Gives the previous disposition back. Signals still under way are ignored
  // safely: the disposition was "default", so it becomes "ignore".
  static void Uninstall();
  // Asks `tid` of this process to run the handler. False: the thread is gone.
  static bool Send(pid_t tid);
  static int number();
};

}  // namespace hotspan
