#pragma once

// All that depends on the processor, of x86-64: which registers hold what, what a frame
// looks like, which instructions build and tear one down. Included by
// machine.h alone.

#include <sys/syscall.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

// glibc's first release for this processor: the version of what it has had ever since.
#define HOTSPAN_GLIBC_FIRST_VERSION "GLIBC_2.2.5"

namespace hotspan::machine {

inline constexpr size_t kWord = 8;
// From the frame pointer: the caller's frame pointer, the return address.
inline constexpr ptrdiff_t kCallerFp = 0;
inline constexpr ptrdiff_t kReturnAddress = 8;
// Where the arguments of a JS frame begin; the receiver is the first.
inline constexpr ptrdiff_t kReceiver = 16;
inline constexpr uint64_t kFrameAlignment = 8;

// Registers at the interruption. The V8 ones are the calling convention of
// generated code (src/codegen/x64/register-x64.h).
struct Registers {
  uint64_t pc, sp, fp;
  uint64_t bytecode_offset;  // r9: kInterpreterBytecodeOffsetRegister
  uint64_t bytecode_array;   // r12: kInterpreterBytecodeArrayRegister
  uint64_t function;         // rdi: kJSFunctionRegister, at a call
};

inline Registers ReadRegisters_signal(const void* ucontext) {
  const auto& regs = static_cast<const ucontext_t*>(ucontext)->uc_mcontext.gregs;
  auto reg = [&](int index) { return static_cast<uint64_t>(regs[index]); };
  return {reg(REG_RIP), reg(REG_RSP), reg(REG_RBP), reg(REG_R9), reg(REG_R12), reg(REG_RDI)};
}

// The calls that the kernel does not restart by itself after a handler (signal(7)), but
// that have done nothing when they say EINTR. Not close(), which has closed the file,
// nor connect(), which goes on.
inline constexpr bool MayBeginAgain_signal(uint64_t call) {
  constexpr std::array calls{
      SYS_poll, SYS_ppoll, SYS_select, SYS_pselect6, SYS_epoll_wait, SYS_epoll_pwait, 441 /* epoll_pwait2 */,
      SYS_nanosleep, SYS_clock_nanosleep, SYS_pause, SYS_futex, SYS_rt_sigtimedwait, SYS_io_getevents,
      333 /* io_pgetevents */, 426 /* io_uring_enter */, SYS_semop, SYS_semtimedop, SYS_msgsnd, SYS_msgrcv,
      // On sockets with a timeout. One that has transferred something returns how much.
      SYS_read, SYS_readv, SYS_write, SYS_writev, SYS_recvfrom, SYS_recvmsg, SYS_recvmmsg, SYS_sendto, SYS_sendmsg,
      SYS_accept, SYS_accept4};
  return std::find(calls.begin(), calls.end(), static_cast<int>(call)) != calls.end();
}

// A system call that the signal cut short and that the kernel does not restart by
// itself (poll, epoll_wait, nanosleep): makes it begin again when the handler
// returns, as if nothing had been. For calls that had not waited yet: a timeout
// starts again. Only where the code is "mov eax, number; syscall", as in glibc, and
// only calls that may.
inline void RestartInterruptedCall_signal(void* ucontext) {
  auto& regs = static_cast<ucontext_t*>(ucontext)->uc_mcontext.gregs;
  constexpr greg_t kInterrupted = -4;  // -EINTR
  constexpr uint64_t kCallBytes = 7, kPage = 4096;
  uint64_t pc = static_cast<uint64_t>(regs[REG_RIP]);
  // The bytes before pc were just executed, so they can be read; those of another
  // page need not be.
  if (regs[REG_RAX] != kInterrupted || pc % kPage < kCallBytes) return;
  const auto* code = reinterpret_cast<const uint8_t*>(pc - kCallBytes);
  constexpr uint8_t kMovEax = 0xb8, kSyscall0 = 0x0f, kSyscall1 = 0x05;
  const uint64_t call = code[1] | uint64_t{code[2]} << 8 | uint64_t{code[3]} << 16 | uint64_t{code[4]} << 24;
  if (code[0] == kMovEax && code[5] == kSyscall0 && code[6] == kSyscall1 && MayBeginAgain_signal(call)) {
    regs[REG_RIP] = static_cast<greg_t>(pc - kCallBytes);
  }
}

// Where the return address of the leaf function is, when its own frame is not
// the one the frame pointer shows: words above sp, or kFrameComplete.
enum class LeafFrame { kComplete, kReturnAtSp, kReturnAboveSp };

// Where a function's prologue makes its frame, as offsets in its code.
struct FrameSetup {
  size_t push = 0;   // of the instruction that saves the frame pointer, or of the last byte before there is one
  bool known = false;
};

// `head`: the first bytes of the function's machine code, kHeadBytes or all.
inline constexpr size_t kHeadBytes = 72;
inline FrameSetup FindFrameSetup(std::span<const uint8_t> head) {
  // push rbp; mov rbp, rsp. V8 puts checks of the code object before it.
  for (size_t i = 0; i + 4 <= head.size(); ++i) {
    if (head[i] == 0x55 && head[i + 1] == 0x48 && head[i + 2] == 0x89 && head[i + 3] == 0xe5) {
      return {i, true};
    }
  }
  return {};
}

// The same for WebAssembly. V8's first tier has a routine for it, which makes the frame
// of whoever calls it: mov r12d, function; call routine.
inline FrameSetup FindWasmFrameSetup(std::span<const uint8_t> head) {
  constexpr size_t kMoveBytes = 6, kCallBytes = 5;
  for (size_t i = 0; i + kMoveBytes + kCallBytes <= std::min<size_t>(head.size(), 32); ++i) {
    if (head[i] == 0x41 && head[i + 1] == 0xbc && head[i + kMoveBytes] == 0xe8) {
      return {i + kMoveBytes + kCallBytes - 1, true};
    }
  }
  return FindFrameSetup(head);
}

// `offset` of the interrupted instruction in the code, and its first byte.
inline LeafFrame ClassifyLeaf(FrameSetup setup, size_t offset, uint8_t instruction) {
  if (setup.known && offset <= setup.push) return LeafFrame::kReturnAtSp;
  if (setup.known && offset == setup.push + 1) return LeafFrame::kReturnAboveSp;
  constexpr uint8_t kRet = 0xc3, kRetPop = 0xc2;
  return instruction == kRet || instruction == kRetPop ? LeafFrame::kReturnAtSp
                                                       : LeafFrame::kComplete;
}

// The same for C and C++, where nobody tells where the function begins: `code` is
// one byte before the interrupted instruction and what follows from there.
inline constexpr size_t kNativeLeafBytes = 9;
inline LeafFrame ClassifyNativeLeaf(std::span<const uint8_t, kNativeLeafBytes> code) {
  constexpr std::array<uint8_t, 4> kEndBranch{0xf3, 0x0f, 0x1e, 0xfa}, kSetup{0x55, 0x48, 0x89, 0xe5};
  constexpr uint8_t kRet = 0xc3;
  const auto is_at = [&](size_t at, const std::array<uint8_t, 4>& bytes) {
    return std::equal(bytes.begin(), bytes.end(), code.begin() + static_cast<ptrdiff_t>(at));
  };
  if (is_at(1, kSetup) || (is_at(1, kEndBranch) && is_at(5, kSetup)) || code[1] == kRet) {
    return LeafFrame::kReturnAtSp;
  }
  return is_at(0, kSetup) ? LeafFrame::kReturnAboveSp : LeafFrame::kComplete;
}

// A jump in a function's machine code, as offsets of the instruction and its target.
struct Jump {
  size_t from, to;
};

// Instructions are not decoded: that the bytes of another instruction make a jump whose 32-bit
// distance leads to the few bytes asked for does not happen by chance.
inline std::optional<Jump> ReadFarJump(std::span<const uint8_t> code, size_t at, bool conditional) {
  constexpr uint8_t kJump = 0xe9, kTwoBytes = 0x0f, kConditional = 0x80;
  const size_t opcode_bytes = conditional ? 2 : 1;
  if (at + opcode_bytes + sizeof(int32_t) > code.size()) return std::nullopt;
  const bool is_jump = conditional ? code[at] == kTwoBytes && (code[at + 1] & 0xf0) == kConditional : code[at] == kJump;
  if (!is_jump) return std::nullopt;
  int32_t distance;
  std::memcpy(&distance, &code[at + opcode_bytes], sizeof distance);
  const int64_t to = static_cast<int64_t>(at + opcode_bytes + sizeof distance) + distance;
  if (to < 0 || to >= static_cast<int64_t>(code.size())) return std::nullopt;
  return Jump{at, static_cast<size_t>(to)};
}

// The forward jump whose target is in (after, until] and nearest to `until`: the way into the
// piece of code that holds `until`.
inline std::optional<Jump> FindWayInto(std::span<const uint8_t> code, size_t after, size_t until) {
  std::optional<Jump> best;
  for (size_t at = 0; at < std::min(until, code.size()); ++at) {
    if (code[at] != 0xe9 && code[at] != 0x0f) continue;
    const std::optional<Jump> jump = ReadFarJump(code, at, code[at] == 0x0f);
    if (!jump || jump->to <= after || jump->to > until || jump->to <= at) continue;
    if (!best || jump->to > best->to) best = jump;
  }
  return best;
}

// `return_offset`: where the call in the slow path of an inline allocation returns to. That path
// jumps back to where the fast one stores the new allocation top, after which the object gets its
// map. Returns where it does; nullopt when the code is no such path.
inline std::optional<size_t> FindMapStoreOfSlowAllocation(std::span<const uint8_t> code, size_t return_offset) {
  // Reloads of registers; lea and the store of the top; add and the load of the map.
  constexpr size_t kMaxPath = 256, kMaxToTop = 24, kMaxToMap = 64;
  constexpr uint8_t kRexMask = 0xf8, kRexW = 0x48, kStore = 0x89, kOneByte = 0x40;
  std::optional<Jump> back;
  for (size_t at = return_offset; !back && at < std::min(return_offset + kMaxPath, code.size()); ++at) {
    back = ReadFarJump(code, at, false);
    if (back && back->to >= return_offset) back.reset();
  }
  if (!back) return std::nullopt;
  const auto is_store_at = [&](size_t at) {
    return at + 5 <= code.size() && (code[at] & kRexMask) == kRexW && code[at + 1] == kStore;
  };
  for (size_t top = back->to; top < back->to + kMaxToTop; ++top) {
    // mov [r13 + distance], register: r13 is V8's root register.
    constexpr uint8_t kRexB = 1, kBase = 5, kBaseMask = 7;
    if (!is_store_at(top) || (code[top] & kRexB) == 0 || (code[top + 2] & kBaseMask) != kBase) continue;
    for (size_t map = top + 3; map < top + kMaxToMap; ++map) {
      // mov [register - 1], register: tagged pointers are one more than the address.
      constexpr uint8_t kMode = 0xc0, kSib = 4, kMinusOne = 0xff;
      if (!is_store_at(map) || (code[map + 2] & kMode) != kOneByte) continue;
      const size_t distance = (code[map + 2] & kBaseMask) == kSib ? map + 4 : map + 3;
      if (code[distance] == kMinusOne) return map;
    }
  }
  return std::nullopt;
}

}  // namespace hotspan::machine
