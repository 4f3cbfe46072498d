#include "../../platform/machine.h"

#include <sys/syscall.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <vector>

#include "../support/check.h"

namespace hotspan {
namespace {

using machine::LeafFrame;

// One byte before the interrupted instruction, then what follows from there.
LeafFrame Classify(uint8_t before, std::vector<uint8_t> from) {
  from.resize(machine::kNativeLeafBytes - 1, 0x90);
  std::array<uint8_t, machine::kNativeLeafBytes> code{before};
  std::copy(from.begin(), from.end(), code.begin() + 1);
  return machine::ClassifyNativeLeaf(code);
}

TEST(ClassifyNativeLeaf_finds_the_return_address_while_a_function_makes_its_frame) {
  EXPECT(Classify(0x90, {0x55, 0x48, 0x89, 0xe5}) == LeafFrame::kReturnAtSp);
  EXPECT(Classify(0x90, {0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5}) == LeafFrame::kReturnAtSp);
  EXPECT(Classify(0x55, {0x48, 0x89, 0xe5}) == LeafFrame::kReturnAboveSp);
}

TEST(ClassifyNativeLeaf_finds_the_return_address_when_a_function_returns) {
  EXPECT(Classify(0x5d, {0xc3}) == LeafFrame::kReturnAtSp);
}

TEST(ClassifyNativeLeaf_takes_any_other_leaf_for_complete) {
  EXPECT(Classify(0xe5, {0x48, 0x83, 0xec, 0x10}) == LeafFrame::kComplete);
  // Pushes of other registers tell nothing about where the return address is.
  EXPECT(Classify(0x90, {0x41, 0x57, 0x55, 0x48, 0x89, 0xe5}) == LeafFrame::kComplete);
  EXPECT(Classify(0x90, {0x48, 0x89, 0xe5}) == LeafFrame::kComplete);
}

// "mov eax, number; syscall" at the given place of a page, interrupted with `result`.
bool BeginsAgain(uint32_t call, greg_t result, size_t at = 100) {
  alignas(4096) static std::array<uint8_t, 4096> page;
  page.fill(0x90);
  const std::array<uint8_t, 7> code{0xb8, static_cast<uint8_t>(call), static_cast<uint8_t>(call >> 8), 0, 0, 0x0f, 0x05};
  std::copy(code.begin(), code.end(), page.begin() + static_cast<ptrdiff_t>(at));
  ucontext_t context{};
  auto& registers = context.uc_mcontext.gregs;
  const auto after = static_cast<greg_t>(reinterpret_cast<uint64_t>(page.data()) + at + code.size());
  registers[REG_RIP] = after;
  registers[REG_RAX] = result;
  machine::RestartInterruptedCall_signal(&context);
  return registers[REG_RIP] == after - static_cast<greg_t>(code.size());
}

TEST(RestartInterruptedCall_begins_calls_again_that_have_done_nothing) {
  constexpr greg_t kInterrupted = -EINTR;
  for (uint32_t call : {SYS_poll, SYS_ppoll, SYS_select, SYS_epoll_wait, SYS_nanosleep, SYS_clock_nanosleep, SYS_futex, SYS_recvfrom}) {
    EXPECT(BeginsAgain(call, kInterrupted));
    EXPECT(!BeginsAgain(call, 0));
    EXPECT(!BeginsAgain(call, -EAGAIN));
  }
}

TEST(RestartInterruptedCall_leaves_calls_alone_that_may_have_done_something) {
  for (uint32_t call : {SYS_close, SYS_connect, SYS_dup2, SYS_rt_sigsuspend, SYS_fsync, SYS_openat}) {
    EXPECT(!BeginsAgain(call, -EINTR));
  }
}

}  // namespace
}  // namespace hotspan
