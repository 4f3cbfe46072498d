#include "thread_state.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "thread_list.h"

namespace hotspan {
namespace {

constexpr int kStatBytes = 512;
// Field 39 of proc(5), the processor it ran on last; the state is field 3.
constexpr int kProcessor = 39 - 3;

int Open(int thread_id) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread_id);
  return open(path, O_RDONLY | O_CLOEXEC);
}

}  // namespace

ThreadStateReader::~ThreadStateReader() {
  char stat[kStatBytes];
  if (file_ >= 0) ReadFile(stat, sizeof stat);
  if (file_ >= 0) close(file_);
}

ThreadState ThreadStateReader::Read(uint64_t cpu_ns) {
  // The clock of a thread on a processor has moved by now.
  if (CpuNsOfThread(thread_id_).value_or(0) > cpu_ns) return ThreadState::kRuns;
  char stat[kStatBytes];
  std::string_view fields = ReadFields(stat, sizeof stat);
  if (fields.empty() || fields[0] != 'R') return ThreadState::kSleeps;
  for (int i = 0; i < kProcessor && !fields.empty(); ++i) {
    fields.remove_prefix(std::min(fields.find(' '), fields.size() - 1) + 1);
  }
  int processor = -1;
  std::from_chars(fields.data(), fields.data() + fields.size(), processor);
  return processor == sched_getcpu() ? ThreadState::kRuns : ThreadState::kQueues;
}

// "1234 (name) R …": the name may hold anything, so the last parenthesis counts.
std::string_view ThreadStateReader::ReadFields(char* out, size_t size) {
  std::string_view text;
  if (file_ >= 0) text = ReadFile(out, size);
  if (file_ < 0) {
    file_ = Open(thread_id_);
    text = ReadFile(out, size);
  }
  const size_t name_end = text.rfind(')');
  return name_end == std::string_view::npos || name_end + 2 >= text.size() ? "" : text.substr(name_end + 2);
}

// An app may close every file there is, and the number is another file's then:
// it is left alone, and forgotten.
std::string_view ThreadStateReader::ReadFile(char* out, size_t size) {
  char begin[32];
  const auto length = static_cast<size_t>(std::snprintf(begin, sizeof begin, "%d (", thread_id_));
  const ssize_t got = pread(file_, out, size, 0);
  const std::string_view text(out, got > 0 ? static_cast<size_t>(got) : 0);
  if (text.starts_with(std::string_view(begin, length))) return text;
  if (got < 0 && errno == ESRCH) close(file_);  // ours, of a thread that is gone
  file_ = -1;
  return {};
}

}  // namespace hotspan
