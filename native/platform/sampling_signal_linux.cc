#include "sampling_signal.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>

#include "thread_list.h"

namespace hotspan {
namespace {

std::atomic<SampleHandler_signal> g_handler{nullptr};
// 0: none.
std::atomic<int> g_signal{0};

// Guards what follows.
std::mutex g_mutex;
// A signal that other code took is not asked for again: that code may act again.
sigset_t g_given_up = {};
int g_taken = 0;
// Code that takes each signal in turn is given way to.
constexpr int kMostTaken = 4;

void OnSignal(int, siginfo_t* info, void* ucontext) {
  // tgkill from our own process only: anything else is not ours to answer.
  if (info->si_code != SI_TKILL) return;
  SampleHandler_signal handler = g_handler.load(std::memory_order_acquire);
  if (handler == nullptr) return;
  int saved_errno = errno;
  handler(ucontext);
  errno = saved_errno;
}

enum class Owner { kHotspan, kNone, kOther };
Owner OwnerOf(int signal) {
  struct sigaction current = {};
  if (sigaction(signal, nullptr, &current) != 0) return Owner::kOther;
  const bool extended = (current.sa_flags & SA_SIGINFO) != 0;
  if (extended && current.sa_sigaction == OnSignal) return Owner::kHotspan;
  return !extended && current.sa_handler == SIG_DFL ? Owner::kNone : Owner::kOther;
}

bool Take_locked(int signal) {
  if (sigismember(&g_given_up, signal) == 1 || OwnerOf(signal) != Owner::kNone) return false;
  struct sigaction action = {};
  action.sa_sigaction = OnSignal;
  // RESTART: a system call of the app is not made to fail. ONSTACK: V8 and
  // Go-like runtimes give threads small or switched stacks.
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}) sigdelset(&action.sa_mask, fault);
  if (sigaction(signal, &action, nullptr) != 0) return false;
  g_signal.store(signal, std::memory_order_release);
  ++g_taken;
  return true;
}

bool TakeOne_locked() {
  if (g_taken >= kMostTaken) return false;
  if (Take_locked(SIGURG)) return true;
  for (int signal = SIGRTMIN + 3; signal <= SIGRTMAX; ++signal) {
    if (Take_locked(signal)) return true;
  }
  return false;
}

// The number of a signal whose handler is hotspan's, after one sigaction() as a rule;
// 0: none is left.
int SignalToSend() {
  const int signal = g_signal.load(std::memory_order_acquire);
  if (signal == 0 || OwnerOf(signal) == Owner::kHotspan) return signal;
  std::lock_guard lock(g_mutex);
  if (g_signal.load(std::memory_order_acquire) == signal) {
    sigaddset(&g_given_up, signal);
    g_signal.store(0, std::memory_order_release);
    TakeOne_locked();
  }
  return g_signal.load(std::memory_order_acquire);
}

}  // namespace

bool SamplingSignal::Install(SampleHandler_signal handler, std::string* why) {
  g_handler.store(handler, std::memory_order_release);
  if (SignalToSend() != 0) return true;
  std::lock_guard lock(g_mutex);
  if (TakeOne_locked()) return true;
  *why = g_taken == 0 ? "SIGURG and every real-time signal are taken"
                      : "other code in this process keeps taking the sampling signal";
  return false;
}

void SamplingSignal::Uninstall() {
  g_handler.store(nullptr, std::memory_order_release);
  // The handler itself stays: a real-time signal still queued for some thread would
  // end the process under the default disposition.
}

bool SamplingSignal::Send(pid_t tid) {
  const int signal = SignalToSend();
  return signal != 0 && syscall(SYS_tgkill, getpid(), tid, signal) == 0;
}

bool SamplingSignal::IsPending(pid_t tid) {
  const int signal = g_signal.load(std::memory_order_acquire);
  return signal != 0 && (PendingSignals(tid) >> (signal - 1) & 1) != 0;
}

void SamplingSignal::DiscardPending() {
  const int signal = g_signal.load(std::memory_order_acquire);
  if (signal == 0) return;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  const timespec at_once{};
  while (sigtimedwait(&set, nullptr, &at_once) > 0) {
  }
}

bool SamplingSignal::lost() {
  std::lock_guard lock(g_mutex);
  return g_taken > 0 && g_signal.load(std::memory_order_acquire) == 0;
}

}  // namespace hotspan
