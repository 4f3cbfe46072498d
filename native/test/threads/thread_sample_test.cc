#include "../../threads/thread_sample_signal.h"

#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "../../platform/guarded_read.h"
#include "../../platform/native_code.h"
#include "../../platform/thread_stack.h"
#include "../support/check.h"

namespace hotspan {
namespace {

constexpr size_t kPage = 4096;

// A sample of the calling thread as if it had been interrupted with these registers.
std::vector<uint64_t> SampleWith(uint64_t pc, uint64_t sp, uint64_t fp) {
  ucontext_t context{};
  auto& registers = context.uc_mcontext.gregs;
  registers[REG_RIP] = static_cast<greg_t>(pc);
  registers[REG_RSP] = static_cast<greg_t>(sp);
  registers[REG_RBP] = static_cast<greg_t>(fp);
  ThreadSampleSlots::Slot* slot = ThreadSampleSlots::Get().Claim(CurrentThreadId());
  if (slot == nullptr) return {};
  TakeThreadSample_signal(&context);
  const std::vector<uint64_t> stack(slot->stack().begin(), slot->stack().end());
  ThreadSampleSlots::Release(slot);
  return stack;
}

// Memory whose upper half becomes a thread's stack. The page in the middle cannot
// be read; what lies below serves as a stack to switch to.
class TwoStacks {
 public:
  static constexpr size_t kHalf = 64 * kPage;
  TwoStacks() {
    void* start = mmap(nullptr, 2 * kHalf, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(start != MAP_FAILED);
    start_ = static_cast<uint8_t*>(start);
    EXPECT_EQ(mprotect(start_ + kHalf - kPage, kPage, PROT_NONE), 0);
  }
  ~TwoStacks() { munmap(start_, 2 * kHalf); }
  // Of the thread's stack, where no call gets to. Not a local variable: AddressSanitizer
  // keeps those elsewhere.
  uint64_t* words() const { return reinterpret_cast<uint64_t*>(start_ + kHalf); }
  uint64_t gap() const { return reinterpret_cast<uint64_t>(start_) + kHalf - kPage; }

  void Run(const std::function<void()>& body) const {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, start_ + kHalf, kHalf);
    pthread_t thread;
    auto call = [](void* argument) -> void* {
      (*static_cast<const std::function<void()>*>(argument))();
      return nullptr;
    };
    const int error =
        pthread_create(&thread, &attributes, call, const_cast<std::function<void()>*>(&body));
    pthread_attr_destroy(&attributes);
    EXPECT_EQ(error, 0);
    if (error == 0) pthread_join(thread, nullptr);
  }

 private:
  uint8_t* start_;
};

void GetReady() {
  EXPECT(GuardedReadAvailable());
  NativeCode::Get().Update();
}

uint64_t OwnCode() { return reinterpret_cast<uint64_t>(&SampleWith); }

TEST(TakeThreadSample_follows_the_frames_of_a_thread) {
  GetReady();
  TwoStacks stacks;
  std::vector<uint64_t> stack;
  stacks.Run([&] {
    uint64_t* const frames = stacks.words();
    const uint64_t at = reinterpret_cast<uint64_t>(frames);
    frames[0] = at + 16, frames[1] = OwnCode() + 1;
    frames[2] = at + 32, frames[3] = OwnCode() + 2;
    frames[4] = 0, frames[5] = OwnCode() + 3;
    stack = SampleWith(OwnCode(), at, at);
  });
  const std::vector<uint64_t> expected{OwnCode(), OwnCode() + 1, OwnCode() + 2, OwnCode() + 3};
  EXPECT(stack == expected);
}

TEST(TakeThreadSample_survives_whatever_code_keeps_in_the_frame_pointer_register) {
  GetReady();
  size_t taken = 0, most = 0;
  TwoStacks stacks;
  stacks.Run([&] {
    const uint64_t sp = reinterpret_cast<uint64_t>(__builtin_frame_address(0));
    const uint64_t top = StackTopAbove_signal(sp);
    uint64_t* const words = stacks.words();
    const uint64_t at = reinterpret_cast<uint64_t>(words);
    for (uint64_t edge : {uint64_t{0}, sp, top, stacks.gap(), uint64_t{1} << 47, uint64_t{1} << 63}) {
      for (uint64_t distance = 0; distance <= 32; ++distance) {
        for (uint64_t wild : {edge + distance, edge - distance}) {
          ++taken;
          // In the register, and in the frame that is found above sp.
          most = std::max(most, SampleWith(OwnCode(), sp, wild).size());
          words[0] = wild, words[1] = OwnCode() + 1;
          most = std::max(most, SampleWith(OwnCode(), at, at).size());
        }
      }
    }
  });
  EXPECT_EQ(taken, size_t{6 * 33 * 2});
  EXPECT(most >= 2 && most <= ThreadSampleSlots::kMaxFrames);
}

TEST(TakeThreadSample_reads_nothing_beyond_the_stack_a_thread_switched_to) {
  GetReady();
  TwoStacks stacks;
  std::vector<uint64_t> lost, astray;
  stacks.Run([&] {
    const uint64_t sp = stacks.gap() - 64;
    std::fill_n(reinterpret_cast<uint64_t*>(sp), 8, uint64_t{0});
    lost = SampleWith(OwnCode(), sp, 1);
    astray = SampleWith(OwnCode(), sp, stacks.gap() + 128);
  });
  EXPECT(lost == std::vector<uint64_t>{OwnCode()});
  EXPECT(astray == std::vector<uint64_t>{OwnCode()});
}

// Ids that no thread has: a handler that runs late finds its slot by them.
constexpr int kFirstId = 1 << 30;

TEST(ThreadSampleSlots_given_up_are_free_for_others) {
  ThreadSampleSlots& slots = ThreadSampleSlots::Get();
  std::vector<ThreadSampleSlots::Slot*> claimed;
  for (int id = kFirstId; ThreadSampleSlots::Slot* slot = slots.Claim(id); ++id) claimed.push_back(slot);
  EXPECT(claimed.size() >= 64);
  for (ThreadSampleSlots::Slot* slot : claimed) ThreadSampleSlots::Release(slot);
  ThreadSampleSlots::Slot* const other = slots.Claim(1);
  EXPECT(other != nullptr);
  // The handlers come after all.
  for (int id = kFirstId; id < kFirstId + static_cast<int>(claimed.size()); ++id) {
    EXPECT(slots.Begin_signal(id) == nullptr);
  }
  EXPECT(slots.Begin_signal(1) == other);
  ThreadSampleSlots::Finish_signal(other, 1);
  EXPECT(other->done());
  ThreadSampleSlots::Release(other);
}

TEST(ThreadSampleSlots_given_up_while_filled_are_freed_by_the_handler) {
  ThreadSampleSlots& slots = ThreadSampleSlots::Get();
  ThreadSampleSlots::Slot* const slot = slots.Claim(kFirstId);
  EXPECT(slots.Begin_signal(kFirstId) == slot);
  EXPECT(slots.Begin_signal(kFirstId) == nullptr);  // once
  ThreadSampleSlots::Release(slot);
  ThreadSampleSlots::Slot* const second = slots.Claim(kFirstId + 1);
  EXPECT(second != slot);
  ThreadSampleSlots::Finish_signal(slot, kFirstId);
  EXPECT(!slot->done());
  EXPECT(slots.Claim(kFirstId + 2) == slot);
  ThreadSampleSlots::Release(slot);
  ThreadSampleSlots::Release(second);
}

}  // namespace
}  // namespace hotspan
