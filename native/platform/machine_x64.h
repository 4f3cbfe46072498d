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

}  // namespace hotspan::machine
