#include "../../platform/sampling_signal.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <vector>

#include "../../platform/thread_stack.h"
#include "../support/check.h"

namespace hotspan {
namespace {

std::atomic<int> g_answers{0};
void Answer_signal(void*) { g_answers.fetch_add(1); }

std::vector<int> Candidates() {
  std::vector<int> signals{SIGURG};
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) signals.push_back(signal);
  return signals;
}

// The one that has a handler; 0: none.
int HandledSignal() {
  for (int signal : Candidates()) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) return signal;
  }
  return 0;
}

// Exit code of `body` in a process of its own: what it takes is not given back.
template <typename Body>
int InChild(const Body& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

bool SendAndAnswer() {
  const int before = g_answers.load();
  return SamplingSignal::Send(CurrentThreadId()) && g_answers.load() == before + 1;
}

int TakeAndLose(void (*taken_by)(int)) {
  std::string why;
  for (int signal : Candidates()) ::signal(signal, SIG_DFL);
  if (!SamplingSignal::Install(Answer_signal, &why)) return 1;
  if (HandledSignal() != SIGURG || !SendAndAnswer()) return 2;
  for (int turn = 0; turn < 3; ++turn) {
    const int lost = HandledSignal();
    ::signal(lost, taken_by);
    if (!SendAndAnswer() || SamplingSignal::lost()) return 3;
    if (HandledSignal() == lost || HandledSignal() == 0) return 4;
  }
  ::signal(HandledSignal(), taken_by);
  if (SamplingSignal::Send(CurrentThreadId()) || !SamplingSignal::lost()) return 5;
  return SamplingSignal::Install(Answer_signal, &why) || why.empty() ? 6 : 0;
}

TEST(SamplingSignal_goes_to_another_when_one_is_reset_and_gives_up_in_the_end) {
  EXPECT_EQ(InChild([] { return TakeAndLose(SIG_DFL); }), 0);
}

TEST(SamplingSignal_goes_to_another_when_one_is_ignored_and_gives_up_in_the_end) {
  EXPECT_EQ(InChild([] { return TakeAndLose(SIG_IGN); }), 0);
}

TEST(SamplingSignal_leaves_a_handler_alone) {
  EXPECT_EQ(InChild([] {
    std::string why;
    ::signal(SIGURG, [](int) {});
    ::signal(SIGRTMIN + 3, [](int) {});
    if (!SamplingSignal::Install(Answer_signal, &why) || !SendAndAnswer()) return 1;
    for (int signal : {SIGURG, SIGRTMIN + 3}) {
      const int before = g_answers.load();
      raise(signal);
      if (g_answers.load() != before) return 2;
    }
    return 0;
  }), 0);
}

TEST(SamplingSignal_says_whether_one_waits_and_takes_it_back) {
  EXPECT_EQ(InChild([] {
    std::string why;
    if (!SamplingSignal::Install(Answer_signal, &why)) return 1;
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    const int answers = g_answers.load();
    if (SamplingSignal::IsPending(CurrentThreadId())) return 2;
    if (!SamplingSignal::Send(CurrentThreadId())) return 3;
    if (!SamplingSignal::IsPending(CurrentThreadId())) return 4;
    SamplingSignal::DiscardPending();
    if (SamplingSignal::IsPending(CurrentThreadId())) return 5;
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return g_answers.load() == answers ? 0 : 6;
  }), 0);
}

TEST(SamplingSignal_ends_no_process_whose_handler_was_reset_before_it_came) {
  EXPECT_EQ(InChild([] {
    std::string why;
    if (!SamplingSignal::Install(Answer_signal, &why)) return 1;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    if (!SamplingSignal::Send(CurrentThreadId())) return 2;
    ::signal(HandledSignal(), SIG_DFL);
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    return 0;
  }), 0);
}

}  // namespace
}  // namespace hotspan
