#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace hotspan {

// Copies `size` bytes at `address` of this process. False, and nothing
// promised about `out`, when any byte is not readable; never faults. Any
// thread; not for the signal handler.
bool GuardedRead(uint64_t address, void* out, size_t size);

template <typename T>
bool GuardedRead(uint64_t address, T* out) {
  return GuardedRead(address, out, sizeof(T));
}

// Copies `size` bytes from each of the addresses to `out`, one after the other, and
// says of each whether they were readable; nothing is promised about the bytes of
// one that was not. One system call for sixteen of them, one more for each that
// cannot be read. Never faults. Any thread; not for the signal handler.
// REQUIRES: `out` has room for all, `readable` an element for each.
void GuardedReadEach(std::span<const uint64_t> addresses, size_t size, void* out, bool* readable);

// Whether GuardedRead works in this process at all; false in a sandbox that
// forbids both ways.
bool GuardedReadAvailable();

// How many bytes from `address` on can be read without a gap, at most `size`; 0
// before the first call of GuardedReadAvailable(). Reads a byte of each page.
// Async-signal-safe.
size_t ReadableFrom_signal(uint64_t address, size_t size);

}  // namespace hotspan
