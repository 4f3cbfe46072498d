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

// How many there are, for a tenth of the price, still ten times that of a clock;
// 0 when the OS does not tell.
size_t ThreadCount();

// The name the thread gave itself, "" when it is gone.
std::string ThreadName(int thread_id);

// CPU time the thread has used so far, exact also while it runs; nullopt when it
// is gone.
std::optional<uint64_t> CpuNsOfThread(int thread_id);

// The signals that wait for the thread, since it blocks them: signal n is bit n - 1.
// 0 when it is gone.
uint64_t PendingSignals(int thread_id);

// CPU time of all threads, the ended ones included.
uint64_t ProcessCpuNs();

}  // namespace hotspan
