#include <fcntl.h>
#include <pthread.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "guarded_read.h"

namespace hotspan {
namespace {

// process_vm_readv reports an unmapped address as EFAULT instead of raising a
// signal. Seccomp profiles (old Docker defaults among them) may refuse the
// call; reading /proc/self/mem then does the same.
enum class Way : int { kUnknown, kVmReadv, kProcMem, kNone };

std::atomic<Way> g_way{Way::kUnknown};
// Set before g_way becomes kProcMem, then constant.
int g_mem_fd = -1;
// getpid() is a system call. A forked child sets its own.
pid_t g_pid = 0;

int OpenOwnMemory() { return open("/proc/self/mem", O_RDONLY | O_CLOEXEC); }

// A forked child that does not exec would read its parent. Its copy of the file stays
// open: the app may have closed it, and the number be another file's.
void BeginInChild() {
  g_pid = getpid();
  if (g_mem_fd >= 0) g_mem_fd = OpenOwnMemory();
}

bool ReadByVm(uint64_t address, void* out, size_t size) {
  iovec local{out, size};
  iovec remote{reinterpret_cast<void*>(address), size};
  return process_vm_readv(g_pid, &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

bool ReadByMem(uint64_t address, void* out, size_t size) {
  return pread(g_mem_fd, out, size, static_cast<off_t>(address)) == static_cast<ssize_t>(size);
}

Way FindWay() {
  g_pid = getpid();
  pthread_atfork(nullptr, nullptr, BeginInChild);
  uint64_t probe = 0x5ca1ab1e, copy = 0;
  if (ReadByVm(reinterpret_cast<uint64_t>(&probe), &copy, sizeof copy) && copy == probe) {
    return Way::kVmReadv;
  }
  g_mem_fd = OpenOwnMemory();
  if (g_mem_fd >= 0 && ReadByMem(reinterpret_cast<uint64_t>(&probe), &copy, sizeof copy) &&
      copy == probe) {
    return Way::kProcMem;
  }
  return Way::kNone;
}

Way CurrentWay() {
  Way way = g_way.load(std::memory_order_acquire);
  if (way == Way::kUnknown) {
    static const Way found = FindWay();
    way = found;
    g_way.store(way, std::memory_order_release);
  }
  return way;
}

}  // namespace

bool GuardedRead(uint64_t address, void* out, size_t size) {
  switch (CurrentWay()) {
    case Way::kVmReadv: return ReadByVm(address, out, size);
    case Way::kProcMem: return ReadByMem(address, out, size);
    default: return false;
  }
}

void GuardedReadEach(std::span<const uint64_t> addresses, size_t size, void* out, bool* readable) {
  constexpr size_t kMost = 16;
  const bool together = CurrentWay() == Way::kVmReadv;
  auto* to = static_cast<uint8_t*>(out);
  for (size_t i = 0; i < addresses.size();) {
    if (!together) {
      readable[i] = GuardedRead(addresses[i], to + i * size, size);
      ++i;
      continue;
    }
    const size_t count = std::min(addresses.size() - i, kMost);
    iovec remote[kMost];
    for (size_t k = 0; k < count; ++k) remote[k] = {reinterpret_cast<void*>(addresses[i + k]), size};
    iovec local{to + i * size, count * size};
    // It ends before the first that cannot be read whole.
    const ssize_t read = process_vm_readv(g_pid, &local, 1, remote, count, 0);
    const size_t whole = read < 0 ? 0 : static_cast<size_t>(read) / size;
    std::fill_n(readable + i, whole, true);
    i += whole;
    if (whole < count) readable[i++] = false;
  }
}

bool GuardedReadAvailable() { return CurrentWay() != Way::kNone; }

size_t ReadableFrom_signal(uint64_t address, size_t size) {
  constexpr uint64_t kPage = 4096;
  // Of one call: its list is on the handler's stack, which may be small.
  constexpr size_t kMaxPages = 16;
  // Not CurrentWay(): what finds out is no work for a signal handler.
  const Way way = g_way.load(std::memory_order_acquire);
  const uint64_t end = address + size;
  uint64_t page = address & ~(kPage - 1);
  while (page < end) {
    const size_t pages = std::min<size_t>(kMaxPages, (end - page + kPage - 1) / kPage);
    size_t readable = 0;
    uint8_t bytes[kMaxPages];
    if (way == Way::kVmReadv) {
      iovec remote[kMaxPages];
      for (size_t i = 0; i < pages; ++i) remote[i] = {reinterpret_cast<void*>(page + i * kPage), 1};
      iovec local{bytes, pages};
      // It ends before the first byte that cannot be read.
      const ssize_t read = process_vm_readv(g_pid, &local, 1, remote, pages, 0);
      readable = read < 0 ? 0 : static_cast<size_t>(read);
    } else if (way == Way::kProcMem) {
      while (readable < pages && ReadByMem(page + readable * kPage, bytes, 1)) ++readable;
    }
    page += readable * kPage;
    if (readable < pages) break;
  }
  return page <= address ? 0 : std::min(page, end) - address;
}

}  // namespace hotspan
