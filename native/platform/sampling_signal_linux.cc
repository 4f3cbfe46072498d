#include "sampling_signal.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace hotspan {
namespace {

std::atomic<SampleHandler_signal> g_handler{nullptr};
int g_signal = 0;

void OnSignal(int, siginfo_t* info, void* ucontext) {
  // tgkill from our own process only: anything else is not ours to answer.
  if (info->si_code != SI_TKILL) return;
  SampleHandler_signal handler = g_handler.load(std::memory_order_acquire);
  if (handler == nullptr) return;
  int saved_errno = errno;
  handler(ucontext);
  errno = saved_errno;
}

}  // namespace

bool SamplingSignal::Install(SampleHandler_signal handler, std::string* why) {
  g_handler.store(handler, std::memory_order_release);
  if (g_signal != 0) return true;
  struct sigaction action = {};
  action.sa_sigaction = OnSignal;
  // RESTART: a system call of the app is not made to fail. ONSTACK: V8 and
  // Go-like runtimes give threads small or switched stacks.
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}) sigdelset(&action.sa_mask, fault);
  for (int signal = SIGRTMIN + 3; signal <= SIGRTMAX; ++signal) {
    struct sigaction current = {};
    if (sigaction(signal, nullptr, &current) != 0) continue;
    bool free = (current.sa_flags & SA_SIGINFO) == 0 && current.sa_handler == SIG_DFL;
    if (!free) continue;
    if (sigaction(signal, &action, nullptr) != 0) continue;
    g_signal = signal;
    return true;
  }
  *why = "every real-time signal is taken";
  return false;
}

void SamplingSignal::Uninstall() {
  g_handler.store(nullptr, std::memory_order_release);
  // The handler itself stays: a signal still queued for some thread would end
  // the process under the default disposition.
}

bool SamplingSignal::Send(pid_t tid) {
  return syscall(SYS_tgkill, getpid(), tid, g_signal) == 0;
}

int SamplingSignal::number() { return g_signal; }

}  // namespace hotspan
