#pragma once

#include <cstdint>
#include <span>

namespace hotspan {

// Holds back a signal that is about to end the process, so that the last
// profile can be written first. Only for signals that the app does not handle
// itself: an app that begins to handle one later takes it over from here.
// Process-wide; one user at a time.
class TerminationWatch {
 public:
  // `notify` runs inside the signal handler when one of `signals` arrives: see
  // record_ring.h for what it may do. A signal that is ignored stays ignored.
  static void Install(std::span<const int> signals, void (*notify_signal)());
  // Gives back what was there before, where it is still ours.
  static void Uninstall();

  // The signal that arrived and was held back; 0 when none.
  static int pending();
  // Lets the pending signal have its way: the process ends as it would have
  // without us. Any thread. A second signal does the same by itself, but for one of
  // the same number that comes within kTwinNs: a supervisor that signals a process
  // and its group, or a parent that hands on what its children have already.
  static void Finish();
  // To be called after Finish() by a thread that still runs: the kernel does not end
  // process 1 of a container. Signals are held back again from then on.
  static void Survived();

  static constexpr uint64_t kTwinNs = 500'000'000;
};

}  // namespace hotspan
