#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "termination.h"
#include "thread_clock.h"

namespace hotspan {
namespace {

constexpr size_t kMaxSignals = 32;  // standard signals only

std::atomic<int> g_pending{0};
std::atomic<uint64_t> g_pending_since_ns{0};  // set first: a twin may come on another thread
std::atomic<void (*)()> g_notify{nullptr};
// What was installed before, by signal; written before our handler goes in.
std::array<struct sigaction, kMaxSignals> g_before{};
std::array<std::atomic<bool>, kMaxSignals> g_installed{};

void OnSignal(int signal) {
  const uint64_t now = MonotonicNs_signal();
  int pending = g_pending.load(std::memory_order_acquire);
  if (pending == 0) g_pending_since_ns.store(now, std::memory_order_release);
  void (*notify)() = g_notify.load(std::memory_order_acquire);
  if (notify != nullptr && pending == 0 && g_pending.compare_exchange_strong(pending, signal)) {
    notify();
    return;
  }
  if (pending == signal && now - g_pending_since_ns.load(std::memory_order_acquire) < TerminationWatch::kTwinNs) return;
  // The user insists, or the watch has ended meanwhile.
  sigaction(signal, &g_before[static_cast<size_t>(signal)], nullptr);
  kill(getpid(), signal);
}

}  // namespace

void TerminationWatch::Install(std::span<const int> signals, void (*notify_signal)()) {
  g_notify.store(notify_signal, std::memory_order_release);
  for (int signal : signals) {
    if (signal <= 0 || static_cast<size_t>(signal) >= kMaxSignals) continue;
    size_t index = static_cast<size_t>(signal);
    struct sigaction current = {};
    if (sigaction(signal, nullptr, &current) != 0 || current.sa_handler == OnSignal) continue;
    if ((current.sa_flags & SA_SIGINFO) == 0 && current.sa_handler == SIG_IGN) continue;
    g_before[index] = current;
    struct sigaction action = {};
    action.sa_handler = OnSignal;
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    sigfillset(&action.sa_mask);
    if (sigaction(signal, &action, nullptr) == 0) g_installed[index].store(true);
  }
}

void TerminationWatch::Uninstall() {
  g_notify.store(nullptr, std::memory_order_release);
  // While the profile is finished a twin must not end the process.
  if (g_pending.load(std::memory_order_acquire) != 0) return;
  for (size_t signal = 1; signal < kMaxSignals; ++signal) {
    if (!g_installed[signal].exchange(false)) continue;
    struct sigaction current = {};
    sigaction(static_cast<int>(signal), nullptr, &current);
    if (current.sa_handler == OnSignal) sigaction(static_cast<int>(signal), &g_before[signal], nullptr);
  }
}

int TerminationWatch::pending() { return g_pending.load(std::memory_order_acquire); }

void TerminationWatch::Finish() {
  int signal = g_pending.load(std::memory_order_acquire);
  if (signal == 0) return;
  sigaction(signal, &g_before[static_cast<size_t>(signal)], nullptr);
  kill(getpid(), signal);
}

void TerminationWatch::Survived() {
  const int signal = g_pending.exchange(0, std::memory_order_acq_rel);
  if (signal == 0 || !g_installed[static_cast<size_t>(signal)].load()) return;
  const std::array again{signal};
  if (void (*notify)() = g_notify.load(std::memory_order_acquire)) Install(again, notify);
}

}  // namespace hotspan
