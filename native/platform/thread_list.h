#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hotspan {

// The OS's ids of all threads of this process, in no order; empty when the OS
// does not tell.
std::vector<int> ThreadIds();

// How many there are, for a tenth of the price; 0 when the OS does not tell.
size_t ThreadCount();

// The name the thread gave itself, "" when it is gone.
std::string ThreadName(int thread_id);

// What a thread does at this moment.
enum class ThreadState {
  kRuns,     // or was just put off its processor by the caller
  kQueues,   // could run, but another has its processor
  kSleeps,   // in a call that a signal would cut short
};
// `cpu_ns`: its CPU time as read right before. To sample a thread that queues
// would show where it lost its processor, which is at a system call far more
// often than the time spent there.
ThreadState StateOfThread(int thread_id, uint64_t cpu_ns);

// CPU time the thread has used so far, exact also while it runs; nullopt when it
// is gone.
std::optional<uint64_t> CpuNsOfThread(int thread_id);

// CPU time of all threads, the ended ones included.
uint64_t ProcessCpuNs();

}  // namespace hotspan
