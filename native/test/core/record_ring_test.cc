#include "../../core/record_ring.h"

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <random>
#include <thread>
#include <vector>

#include "../support/check.h"

namespace hotspan {
namespace {

bool PushWord(RecordRing& ring, size_t words, uint64_t first) {
  uint64_t* record = ring.Reserve_signal(words);
  if (record == nullptr) return false;
  for (size_t i = 0; i < words; ++i) record[i] = first + i;
  ring.Commit_signal(words);
  return true;
}

TEST(RecordRing_gives_records_back_in_order) {
  RecordRing ring;
  EXPECT(ring.Init(100));
  EXPECT(ring.capacity_words() >= 100);
  EXPECT(ring.empty());
  EXPECT(ring.Front().empty());
  EXPECT(PushWord(ring, 3, 10));
  EXPECT(PushWord(ring, 1, 20));
  EXPECT_EQ(ring.used_words(), 6u);
  EXPECT_EQ(ring.Front().size(), 3u);
  EXPECT_EQ(ring.Front()[2], 12u);
  ring.Pop();
  EXPECT_EQ(ring.Front()[0], 20u);
  ring.Pop();
  EXPECT(ring.empty());
}

TEST(RecordRing_refuses_what_cannot_fit) {
  RecordRing unmapped;
  EXPECT(unmapped.Reserve_signal(1) == nullptr);
  RecordRing ring;
  EXPECT(!ring.Init(SIZE_MAX));
  EXPECT(ring.Init(1));
  EXPECT(!ring.Init(1));
  const size_t capacity = ring.capacity_words();
  EXPECT(ring.Reserve_signal(0) == nullptr);
  EXPECT(ring.Reserve_signal(capacity) == nullptr);
  EXPECT(ring.Reserve_signal(SIZE_MAX) == nullptr);
  EXPECT(PushWord(ring, capacity - 1, 0));
  EXPECT_EQ(ring.used_words(), capacity);
  EXPECT(!PushWord(ring, 1, 0));
  ring.Pop();
  EXPECT(PushWord(ring, 1, 0));
}

TEST(RecordRing_dropped_and_shortened_reservations) {
  RecordRing ring;
  ring.Init(1);
  EXPECT(ring.Reserve_signal(100) != nullptr);
  EXPECT(ring.empty());
  uint64_t* record = ring.Reserve_signal(100);
  record[0] = 7;
  ring.Commit_signal(1);
  EXPECT_EQ(ring.used_words(), 2u);
  EXPECT(ring.Reserve_signal(100) != nullptr);  // dropped behind a record
  EXPECT_EQ(ring.Front().size(), 1u);
  EXPECT_EQ(ring.Front()[0], 7u);
}

TEST(RecordRing_starts_again_at_the_first_word_when_empty) {
  RecordRing ring;
  ring.Init(1);
  PushWord(ring, 10, 0);
  const uint64_t* first = ring.Front().data();
  for (int i = 0; i < 100; ++i) {
    ring.Pop();
    PushWord(ring, 10, 0);
    EXPECT(ring.Front().data() == first);
  }
  PushWord(ring, 10, 0);  // not empty: goes behind
  ring.Pop();
  EXPECT(ring.Front().data() == first + 11);
}

TEST(RecordRing_skips_the_gap_at_the_end) {
  RecordRing ring;
  ring.Init(1);
  const size_t capacity = ring.capacity_words();
  PushWord(ring, capacity / 2, 0);
  const uint64_t* first = ring.Front().data();
  PushWord(ring, capacity / 2 - 22, 100);  // leaves 20 words at the end
  EXPECT(!PushWord(ring, 30, 200));        // and the start is taken
  ring.Pop();
  EXPECT(PushWord(ring, 30, 200));
  EXPECT_EQ(ring.Front()[0], 100u);
  ring.Pop();
  EXPECT(ring.Front().data() == first);
  EXPECT_EQ(ring.Front()[29], 229u);
  EXPECT_EQ(ring.used_words(), 20u + 31u);
}

TEST(RecordRing_agrees_with_a_deque) {
  std::mt19937_64 random(5);
  RecordRing ring;
  ring.Init(1);
  std::deque<std::vector<uint64_t>> oracle;
  size_t oracle_words = 0, refused = 0, wrong = 0;
  for (uint64_t step = 0; step < 200000; ++step) {
    // Phases of filling and of draining, so that both ends are met.
    const bool produce = random() % 8 < ((step / 500) % 2 == 0 ? 5u : 3u);
    if (produce) {
      const size_t max_words = 1 + random() % (step % 97 == 0 ? 511 : 40);
      const size_t words = 1 + random() % max_words;
      uint64_t* record = ring.Reserve_signal(max_words);
      if (record == nullptr) {
        ++refused;
        // Only a gap shorter than the record itself may waste room.
        wrong += ring.used_words() + 2 * (max_words + 1) <= ring.capacity_words();
        continue;
      }
      std::vector<uint64_t> expected;
      for (size_t i = 0; i < words; ++i) expected.push_back(record[i] = random());
      ring.Commit_signal(words);
      oracle.push_back(std::move(expected));
      oracle_words += words + 1;
    } else if (oracle.empty()) {
      wrong += !ring.Front().empty() || !ring.empty();
    } else {
      const auto front = ring.Front();
      wrong += !std::equal(front.begin(), front.end(), oracle[0].begin(), oracle[0].end());
      ring.Pop();
      oracle_words -= oracle[0].size() + 1;
      oracle.pop_front();
    }
    wrong += ring.used_words() < oracle_words || ring.used_words() > ring.capacity_words();
  }
  EXPECT_EQ(wrong, 0u);
  EXPECT(refused > 100);
}

// What the concurrent tests send: a number, the refusals before it, and words
// that follow from the number.
struct Producer {
  RecordRing& ring;
  volatile uint64_t sent = 0;
  volatile uint64_t refused = 0;

  void Produce_signal() {
    const uint64_t number = sent;
    sent = number + 1;
    const size_t words = 2 + number * 7 % 61;
    uint64_t* record = ring.Reserve_signal(words);
    if (record == nullptr) {
      refused = refused + 1;
      return;
    }
    record[0] = number;
    record[1] = refused;
    for (size_t i = 2; i < words; ++i) record[i] = number ^ (i * 0x9e3779b97f4a7c15u);
    ring.Commit_signal(words);
  }
};

struct Consumer {
  RecordRing& ring;
  uint64_t received = 0;
  uint64_t wrong = 0;

  bool Consume() {
    const auto record = ring.Front();
    if (record.empty()) return false;
    const uint64_t number = record[0];
    wrong += number != received + record[1];
    wrong += record.size() != 2 + number * 7 % 61;
    for (size_t i = 2; i < record.size(); ++i) {
      wrong += record[i] != (number ^ (i * 0x9e3779b97f4a7c15u));
    }
    ring.Pop();
    ++received;
    return true;
  }
};

TEST(RecordRing_Concurrent_producer_on_another_thread) {
  RecordRing ring;
  ring.Init(1);
  Producer producer{ring};
  Consumer consumer{ring};
  std::atomic<bool> done{false};
  std::thread thread([&] {
    for (int i = 0; i < 200000; ++i) {
      producer.Produce_signal();
      // Lets the ring run empty now and then, so that it starts again.
      if (i % 64 == 0) std::this_thread::yield();
    }
    done.store(true, std::memory_order_release);
  });
  while (!done.load(std::memory_order_acquire)) {
    if (!consumer.Consume()) std::this_thread::yield();
  }
  while (consumer.Consume()) {
  }
  thread.join();
  EXPECT_EQ(consumer.wrong, 0u);
  EXPECT_EQ(consumer.received + producer.refused, 200000u);
  EXPECT(consumer.received > 0);
}

Producer* handler_producer = nullptr;
std::atomic<uint64_t> signals_taken{0};

void OnSignal(int) {
  handler_producer->Produce_signal();
  signals_taken.fetch_add(1, std::memory_order_relaxed);
}

// SA_ONSTACK is left out on purpose: no alternate stack is set here.
struct ScopedHandler {
  ScopedHandler(int number, void (*handler)(int)) : number_(number) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(number, &action, &previous_);
  }
  ~ScopedHandler() { sigaction(number_, &previous_, nullptr); }

 private:
  int number_;
  struct sigaction previous_ = {};
};

// Lets a signal in. ThreadSanitizer holds signals back until the thread makes
// a blocking call.
void AwaitSignal() {
#if defined(__SANITIZE_THREAD__)
  usleep(1);
#else
  std::this_thread::yield();
#endif
}

TEST(RecordRing_Concurrent_producer_in_a_signal_handler) {
  RecordRing ring;
  ring.Init(1);
  Producer producer{ring};
  Consumer consumer{ring};
  handler_producer = &producer;
  ScopedHandler handler(SIGUSR2, OnSignal);
  std::atomic<bool> stop{false};
  const pid_t tid = static_cast<pid_t>(syscall(SYS_gettid));
  // One signal at a time, as the sampler thread does it, and a pause behind each:
  // one that waits when the handler returns comes before the next instruction,
  // and a consumer under a flood of them gets nowhere.
  std::thread sender([&] {
    std::minstd_rand random;
    while (!stop.load(std::memory_order_relaxed)) {
      const uint64_t before = signals_taken.load(std::memory_order_relaxed);
      syscall(SYS_tgkill, getpid(), tid, SIGUSR2);
      while (signals_taken.load(std::memory_order_relaxed) == before && !stop.load(std::memory_order_relaxed)) {
        std::this_thread::yield();
      }
      for (uint64_t left = random() % 4000; left > 0; --left) stop.load(std::memory_order_relaxed);
    }
  });
  // Alternates between draining at once (the ring is empty most of the time)
  // and letting it fill until records are refused.
  // The bound only ends a run in which signals do not arrive at all.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const auto waiting = [&] { return std::chrono::steady_clock::now() < deadline; };
  for (int round = 0; round < 40; ++round) {
    const uint64_t fill_until = producer.refused + (round % 2 == 1 ? 5 : 0);
    while (producer.refused < fill_until && waiting()) AwaitSignal();
    const uint64_t until = producer.sent + 500;
    while (producer.sent < until && waiting()) {
      if (!consumer.Consume()) AwaitSignal();
    }
  }
  stop.store(true, std::memory_order_relaxed);
  sender.join();
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  while (consumer.Consume()) {
  }
  EXPECT_EQ(consumer.wrong, 0u);
  EXPECT_EQ(consumer.received + producer.refused, static_cast<uint64_t>(producer.sent));
  EXPECT(producer.refused >= 100);
  EXPECT(consumer.received >= 1000);
  // A signal still pending must be taken while the handler is in place.
  pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
}

#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
// Interrupts Front() + Pop() after every single instruction in turn: the trap
// flag raises SIGTRAP after each, and the handler produces at the chosen one.
Producer* trap_producer = nullptr;
volatile long trap_countdown = 0;

void OnTrap(int, siginfo_t*, void* context) {
  const long left = trap_countdown - 1;
  trap_countdown = left;
  if (left != 0) return;
  for (int i = 0; i < 3; ++i) trap_producer->Produce_signal();
  constexpr greg_t kTrapFlag = 0x100;
  static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &= ~kTrapFlag;
}

void SetTrapFlag(bool on) {
  uint64_t flags;
  // 128 bytes: pushfq must not write into the red zone.
  asm volatile("leaq -128(%%rsp), %%rsp; pushfq; popq %0; leaq 128(%%rsp), %%rsp" : "=r"(flags));
  flags = on ? flags | 0x100 : flags & ~uint64_t{0x100};
  asm volatile("leaq -128(%%rsp), %%rsp; pushq %0; popfq; leaq 128(%%rsp), %%rsp"
               :
               : "r"(flags)
               : "cc", "memory");
}

TEST(RecordRing_producer_after_any_instruction_of_the_consumer) {
  struct sigaction action = {}, previous = {};
  action.sa_sigaction = OnTrap;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, &previous);
  long instruction = 1;
  uint64_t interrupted = 0, wrong = 0;
  bool reached_end = false;
  for (; !reached_end && instruction < 100000; ++instruction) {
    RecordRing ring;
    ring.Init(1);
    Producer producer{ring};
    Consumer consumer{ring};
    trap_producer = &producer;
    producer.Produce_signal();
    consumer.Consume();
    producer.Produce_signal();  // one record: the Pop() below empties the ring
    trap_countdown = instruction;
    SetTrapFlag(true);
    consumer.Consume();
    consumer.Consume();
    SetTrapFlag(false);
    // Past the end of Consume() the handler never got to produce.
    reached_end = producer.sent == 2;
    interrupted += producer.sent == 5;
    while (consumer.Consume()) {
    }
    wrong += consumer.wrong + producer.refused + (consumer.received != producer.sent);
  }
  sigaction(SIGTRAP, &previous, nullptr);
  EXPECT(reached_end);
  EXPECT(interrupted > 50);
  EXPECT_EQ(wrong, 0u);
}
#endif

}  // namespace
}  // namespace hotspan
