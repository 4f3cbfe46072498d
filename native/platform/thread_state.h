#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hotspan {

// What a thread does at this moment.
enum class ThreadState {
  kRuns,     // or was just put off its processor by the caller
  kQueues,   // could run, but another has its processor
  kSleeps,   // in a call that a signal would cut short
};

// Tells what one thread of this process does, again and again. Holds its file of
// /proc open, since to open it costs twice as much as to read it.
class ThreadStateReader {
 public:
  explicit ThreadStateReader(int thread_id) : thread_id_(thread_id) {}
  ~ThreadStateReader();
  ThreadStateReader(const ThreadStateReader&) = delete;
  ThreadStateReader& operator=(const ThreadStateReader&) = delete;

  // `cpu_ns`: its CPU time as read right before. To sample a thread that queues
  // would show where it lost its processor, which is at a system call far more
  // often than the time spent there. kSleeps when it is gone.
  ThreadState Read(uint64_t cpu_ns);

 private:
  // The text of the file from the state on, within `out`; empty when it cannot be
  // read.
  std::string_view ReadFields(char* out, size_t size);
  // All of it, of the file that is open.
  std::string_view ReadFile(char* out, size_t size);

  const int thread_id_;
  int file_ = -1;
};

}  // namespace hotspan
