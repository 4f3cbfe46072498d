#include "../../platform/machine.h"

#include <sys/syscall.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
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

using Code = std::vector<uint8_t>;

// Writes the bytes of an instruction, whose last four are the distance to `to` where there is one.
void Put(Code& code, size_t at, std::initializer_list<uint8_t> bytes, std::optional<size_t> to = {}) {
  std::copy(bytes.begin(), bytes.end(), code.begin() + static_cast<ptrdiff_t>(at));
  if (!to) return;
  const size_t end = at + bytes.size() + 4;
  const int32_t distance = static_cast<int32_t>(static_cast<int64_t>(*to) - static_cast<int64_t>(end));
  std::memcpy(&code[end - 4], &distance, sizeof distance);
}

TEST(FindWayInto_finds_the_nearest_jump_from_before) {
  Code code(400, 0x90);
  Put(code, 10, {0x0f, 0x86}, 200);   // jna
  Put(code, 40, {0x0f, 0x83}, 260);   // jnc
  Put(code, 60, {0xe9}, 300);         // jmp
  Put(code, 210, {0xe9}, 16);         // back
  Put(code, 270, {0x0f, 0x87}, 310);  // from a slow path to the next
  const auto from = [&](size_t after, size_t until) {
    const auto jump = machine::FindWayInto(code, after, until);
    return jump ? static_cast<int>(jump->from) : -1;
  };
  EXPECT_EQ(from(100, 199), -1);
  EXPECT_EQ(from(100, 200), 10);
  EXPECT_EQ(from(100, 259), 10);
  EXPECT_EQ(from(100, 260), 40);
  EXPECT_EQ(from(100, 309), 60);
  EXPECT_EQ(from(100, 399), 270);
  EXPECT_EQ(from(310, 399), -1);
  EXPECT_EQ(from(0, 15), -1);  // not the way back
  for (size_t length = 0; length < code.size(); ++length) {
    const auto jump = machine::FindWayInto({code.data(), length}, 0, 399);
    EXPECT(!jump || jump->to < length);
  }
}

// As V8 11.3 writes it: lea r9, [r8 + 0x30]; mov [r13 + 0x40], r9; add r8, 1; mov r9, map; mov [r8 - 1], r9.
TEST(FindMapStoreOfSlowAllocation_finds_where_the_object_gets_its_map) {
  for (const bool with_sib : {false, true}) {
    Code code(300, 0x90);
    Put(code, 50, {0x4d, 0x8d, 0x48, 0x30, 0x4d, 0x89, 0x4d, 0x40, 0x49, 0x83, 0xc0, 0x01});
    Put(code, 62, {0x49, 0xb9, 0x89, 0x7e, 0xd1, 0x03, 0x48, 0x06, 0x00, 0x00});
    if (with_sib) Put(code, 72, {0x4d, 0x89, 0x4c, 0x24, 0xff});  // [r12 - 1]
    else Put(code, 72, {0x4d, 0x89, 0x48, 0xff});
    Put(code, 200, {0xe8, 0, 0, 0, 0, 0x4c, 0x8d, 0x40, 0xff});
    Put(code, 209, {0xe9}, 50);
    EXPECT_EQ(machine::FindMapStoreOfSlowAllocation(code, 205).value_or(0), size_t{72});
    EXPECT(!machine::FindMapStoreOfSlowAllocation(code, 210));  // no way back
    for (size_t length = 0; length < code.size(); ++length) {
      const auto map = machine::FindMapStoreOfSlowAllocation({code.data(), length}, 205);
      EXPECT(!map || *map < length);
    }
    Put(code, 54, {0x90, 0x90, 0x90, 0x90});
    EXPECT(!machine::FindMapStoreOfSlowAllocation(code, 205));  // no allocation
  }
}

}  // namespace
}  // namespace hotspan
