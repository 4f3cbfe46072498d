#include "thread_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace hotspan {
namespace {

// Reads a small file of /proc; returns the bytes read, 0 when it is not there.
size_t ReadProcFile(int thread_id, const char* name, char* out, size_t size) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/%s", thread_id, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t got = read(fd, out, size);
  close(fd);
  return got > 0 ? static_cast<size_t>(got) : 0;
}

uint64_t ToNs(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec);
}

// The kernel's encoding of "CPU time of this thread as the scheduler counts it":
// the inverted id, and CPUCLOCK_SCHED | CPUCLOCK_PERTHREAD_MASK (include/linux/
// posix-timers.h). pthread_getcpuclockid gives the same, but wants a pthread_t.
clockid_t CpuClockOf(int thread_id) {
  return static_cast<clockid_t>((~static_cast<unsigned>(thread_id) << 3) | 6);
}

}  // namespace

std::vector<int> ThreadIds() {
  std::vector<int> ids;
  DIR* directory = opendir("/proc/self/task");
  if (directory == nullptr) return ids;
  while (const dirent* entry = readdir(directory)) {
    int id = 0;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, id).ptr == end && id > 0) ids.push_back(id);
  }
  closedir(directory);
  return ids;
}

size_t ThreadCount() {
  struct stat info;
  // A directory's links: one from its parent, one from itself, one a subdirectory.
  return stat("/proc/self/task", &info) == 0 && info.st_nlink > 2 ? info.st_nlink - 2 : 0;
}

std::string ThreadName(int thread_id) {
  char name[32];
  size_t size = ReadProcFile(thread_id, "comm", name, sizeof name);
  while (size > 0 && name[size - 1] == '\n') --size;
  return std::string(name, size);
}

std::optional<uint64_t> CpuNsOfThread(int thread_id) {
  timespec time;
  if (clock_gettime(CpuClockOf(thread_id), &time) != 0) return std::nullopt;
  return ToNs(time);
}

uint64_t PendingSignals(int thread_id) {
  constexpr std::string_view kField = "\nSigPnd:\t";
  char status[4096];
  const std::string_view text(status, ReadProcFile(thread_id, "status", status, sizeof status));
  const size_t at = text.find(kField);
  uint64_t pending = 0;
  if (at != std::string_view::npos) {
    std::from_chars(text.data() + at + kField.size(), text.data() + text.size(), pending, 16);
  }
  return pending;
}

uint64_t ProcessCpuNs() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return ToNs(time);
}

}  // namespace hotspan
