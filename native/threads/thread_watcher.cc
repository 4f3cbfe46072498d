#include "thread_watcher.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "../platform/native_code.h"
#include "../platform/own_code.h"
#include "../platform/sampling_signal.h"
#include "../platform/thread_clock.h"
#include "../platform/thread_list.h"
#include "../platform/thread_state.h"

namespace hotspan {
namespace {

constexpr uint64_t kScanEveryNs = 1'000'000'000;
// To count them costs as much as the clocks of ten.
constexpr uint64_t kCountEveryNs = 50'000'000;
// A thread that has not worked for this long is looked at only now and then: a
// look is a system call.
constexpr uint64_t kColdAfterNs = 500'000'000;
constexpr uint32_t kLooksPerColdLook = 8;
// Share of the time between two looks that makes a thread count as busy.
constexpr uint64_t kBusyShare = 20;
// A thread that has not answered a signal for so long does not: one that only waits
// for a processor does within this time, almost always.
constexpr uint64_t kPatienceNs = 1'000'000'000;
// To ask whether the signal still waits for it costs 30 us.
constexpr uint64_t kLongestBetweenAsksNs = 60'000'000'000;
// Clocks of running threads are read one after the other: less is noise.
constexpr uint64_t kLeastEndedNs = 100'000;

constexpr std::string_view kOwnThread = "hotspan";
constexpr const char* kPool = "libuv-pool";
constexpr const char* kPlatform = "v8-platform";
constexpr const char* kWorker = "worker";

struct KnownName {
  std::string_view name;  // the thread's, or of its outermost functions
  const char* label;
};
// As Node 22, 24 and 26 name their threads.
constexpr std::array kThreadNames = {
    KnownName{"libuv-worker", kPool},
    KnownName{"V8Worker", kPlatform},
    KnownName{"node-V8Worker", kPlatform},
    KnownName{"DelayedTaskSche", kPlatform},
    KnownName{"WorkerThread", kWorker},
};
// Threads of older versions have no names.
constexpr std::array kThreadRoots = {
    KnownName{"worker", kPool},
    KnownName{"PlatformWorkerThread", kPlatform},
    KnownName{"DelayedTaskScheduler", kPlatform},
    KnownName{"Worker::StartThread", kWorker},
};

const char* LabelOfRoot(std::string_view function) {
  for (const KnownName& known : kThreadRoots) {
    bool whole = known.name == kThreadRoots[0].name;  // too short to be looked for
    if (whole ? function == known.name : function.find(known.name) != std::string_view::npos) {
      return known.label;
    }
  }
  return nullptr;
}

}  // namespace

ThreadWatcher::ThreadWatcher(std::shared_ptr<CodeTable> code)
    : code_(std::move(code)),
      not_sampled_(code_->SyntheticLocation("(not sampled)")),
      own_(code_->SyntheticLocation("(hotspan)")),
      starting_(code_->SyntheticLocation("(worker starting or ending)")),
      own_code_(OwnCode()),
      ended_(std::make_shared<Identity>(Identity{"(ended threads)"})) {}

void ThreadWatcher::Start(uint64_t period_ns, bool stacks) {
  NativeCode::Get().Update();
  ThreadSampleSlots::Get();
  std::lock_guard lock(mutex_);
  started_ = true;
  stacks_ = stacks;
  period_ns_ = period_ns;
  process_name_ = ThreadName(getpid());
  threads_.clear();
  last_look_ns_ = MonotonicNs_signal();
  Scan_locked(last_look_ns_);
  // What threads did before is not ours to account for.
  uint64_t living = 0;
  for (auto& [id, thread] : threads_) {
    thread.accounted_ns = thread.looked_ns = CpuNsOfThread(id).value_or(0);
    thread.due_at_ns = NextDue_locked(thread);
    living += thread.accounted_ns;
  }
  for (int id : excluded_) living += CpuNsOfThread(id).value_or(0);
  uint64_t process = ProcessCpuNs();
  ended_at_start_ns_ = process > living ? process - living : 0;
  ended_accounted_ns_ = 0;
}

void ThreadWatcher::Stop() {
  std::lock_guard lock(mutex_);
  started_ = false;
  for (auto& [id, thread] : threads_) {
    if (thread.slot != nullptr) ThreadSampleSlots::Release(thread.slot);
  }
  threads_.clear();
}

void ThreadWatcher::Exclude(int thread_id, const std::string& thread) {
  std::lock_guard lock(mutex_);
  excluded_.insert(thread_id);
  auto known = threads_.find(thread_id);
  if (!started_) return;
  uint64_t now = CpuNsOfThread(thread_id).value_or(0);
  if (known == threads_.end()) {  // born since the last scan
    AddThread_locked(thread_id, 0);
    known = threads_.find(thread_id);
  }
  Thread& entry = known->second;
  entry.identity->name = thread;
  entry.identity->name_by_root = false;
  Account_locked(entry, now, {&starting_, 1});
  if (entry.slot != nullptr) ThreadSampleSlots::Release(entry.slot);
  threads_.erase(known);
}

void ThreadWatcher::Include(int thread_id, const std::string& thread) {
  std::lock_guard lock(mutex_);
  excluded_.erase(thread_id);
  if (!started_) return;
  uint64_t now = CpuNsOfThread(thread_id).value_or(0);
  AddThread_locked(thread_id, now);
  Thread& entry = threads_[thread_id];
  entry.identity->name = thread;
  entry.identity->name_by_root = false;
}

void ThreadWatcher::AddThread_locked(int id, uint64_t accounted_ns) {
  Thread& thread = threads_[id];
  thread.identity = std::make_shared<Identity>();
  Name_locked(id, *thread.identity);
  thread.is_own = thread.identity->name == kOwnThread && !thread.identity->name_by_root;
  thread.accounted_ns = accounted_ns;
  thread.due_at_ns = NextDue_locked(thread);
}

void ThreadWatcher::Name_locked(int id, Identity& identity) {
  identity.name = ThreadName(id);
  identity.name_by_root = identity.name == process_name_ && id != getpid();
  for (const KnownName& known : kThreadNames) {
    if (known.name == identity.name) identity.name = known.label;
  }
}

// A thread gives itself its name some time after it began; a worker thread of
// hotspan's has that of a worker until then.
bool ThreadWatcher::IsOwn_locked(int id, Thread& thread) {
  Identity& identity = *thread.identity;
  if (identity.name_by_root || identity.name == kWorker) Name_locked(id, identity);
  thread.is_own = identity.name == kOwnThread && !identity.name_by_root;
  return thread.is_own;
}

// Mean one sample for each period of CPU time, at a point that no periodic work
// can keep in step with.
uint64_t ThreadWatcher::NextDue_locked(const Thread& thread) {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return thread.accounted_ns + period_ns_ / 2 + random_ % std::max<uint64_t>(period_ns_, 1);
}

// --- sampler thread ---

bool ThreadWatcher::IsIdle() {
  std::lock_guard lock(mutex_);
  uint64_t now = MonotonicNs_signal();
  bool count = now - last_count_ns_ >= kCountEveryNs;
  if (count) last_count_ns_ = now;
  // One that ended and one that began leave the count as it was.
  bool changed = count && (one_is_gone_ || ThreadCount() != thread_count_);
  if (changed || now - last_scan_ns_ >= kScanEveryNs) Scan_locked(now);
  uint64_t elapsed = since_last_look_ns_ = now - last_look_ns_;
  last_look_ns_ = now;
  ++looks_;
  bool busy = false;
  for (auto& [id, thread] : threads_) {
    bool cold = now - thread.moved_at_ns > kColdAfterNs;
    if (cold && (looks_ + static_cast<uint32_t>(id)) % kLooksPerColdLook != 0) continue;
    std::optional<uint64_t> cpu = CpuNsOfThread(id);
    if (!cpu || *cpu < thread.looked_ns) {
      one_is_gone_ = true;
      continue;
    }
    uint64_t moved = *cpu - thread.looked_ns;
    thread.looked_ns = *cpu;
    if (moved == 0 || thread.is_own) continue;
    thread.moved_at_ns = now;
    thread.moved_ns = moved;
    busy |= moved > elapsed / kBusyShare;
  }
  return !busy;
}

void ThreadWatcher::Sample() {
  std::lock_guard lock(mutex_);
  for (auto& [id, thread] : threads_) {
    if (thread.slot != nullptr || thread.is_own || thread.looked_ns < thread.due_at_ns) continue;
    if (!stacks_ || StaysDeaf_locked(id, thread, last_look_ns_)) {
      Account_locked(thread, thread.looked_ns, {IsOwn_locked(id, thread) ? &own_ : &not_sampled_, 1});
      continue;
    }
    if (!IsAtWork_locked(id, thread)) continue;  // still due at the next tick
    thread.slot = ThreadSampleSlots::Get().Claim(id);
    if (thread.slot == nullptr) return;  // as many as can be are under way
    thread.signalled_ns = thread.looked_ns;
    thread.signalled_at_ns = last_look_ns_;
    if (!SamplingSignal::Send(id)) {
      ThreadSampleSlots::Release(thread.slot);
      thread.slot = nullptr;
    }
  }
}

bool ThreadWatcher::StaysDeaf_locked(int id, Thread& thread, uint64_t now_ns) const {
  if (!thread.is_deaf || now_ns < thread.ask_again_at_ns) return thread.is_deaf;
  thread.is_deaf = SamplingSignal::IsPending(id);
  thread.ask_again_after_ns = std::min(2 * thread.ask_again_after_ns, kLongestBetweenAsksNs);
  thread.ask_again_at_ns = now_ns + thread.ask_again_after_ns;
  return thread.is_deaf;
}

// The clock of a thread that runs has moved since the look. That of one whose
// processor this thread took has not: worth a look into /proc, which costs twenty
// times as much, for threads that work most of the time.
bool ThreadWatcher::IsAtWork_locked(int id, const Thread& thread) const {
  if (thread.moved_at_ns != last_look_ns_) return false;
  bool mostly = thread.moved_ns > since_last_look_ns_ / 4;
  return mostly ? ThreadStateReader(id).Read(thread.looked_ns) == ThreadState::kRuns
                : CpuNsOfThread(id).value_or(0) > thread.looked_ns;
}

void ThreadWatcher::Housekeep(uint64_t, bool) {
  std::lock_guard lock(mutex_);
  Collect_locked();
}

// --- with the lock held ---

void ThreadWatcher::Collect_locked() {
  for (auto& [id, thread] : threads_) {
    if (thread.slot == nullptr) continue;
    if (thread.slot->done()) {
      CollectFrom_locked(id, thread);
    } else if (MonotonicNs_signal() - thread.signalled_at_ns > kPatienceNs) {
      ThreadSampleSlots::Release(thread.slot);
      thread.slot = nullptr;
      thread.is_deaf = true;
      if (thread.identity->name_by_root) Name_locked(id, *thread.identity);
      thread.ask_again_after_ns = kPatienceNs;
      thread.ask_again_at_ns = MonotonicNs_signal() + kPatienceNs;
      Account_locked(thread, thread.looked_ns, {IsOwn_locked(id, thread) ? &own_ : &not_sampled_, 1});
    }
  }
}

void ThreadWatcher::CollectFrom_locked(int id, Thread& thread) {
  const bool own = IsOwn_locked(id, thread);
  scratch_.clear();
  bool leaf = true;
  for (uint64_t pc : thread.slot->stack()) {
    // The encoder in libuv's pool, and whatever it calls.
    if (own_code_.Contains(pc)) {
      scratch_.assign(1, own_);
      leaf = false;
      continue;
    }
    scratch_.push_back(code_->NativeLocation(leaf ? pc : pc - 1));
    leaf = false;
  }
  if (own) scratch_.assign(1, own_);
  ThreadSampleSlots::Release(thread.slot);
  thread.slot = nullptr;
  Account_locked(thread, thread.signalled_ns, scratch_);
}

void ThreadWatcher::Account_locked(Thread& thread, uint64_t until_ns,
                                   std::span<const LocationId> stack) {
  if (until_ns <= thread.accounted_ns) return;
  AddSample_locked(thread.identity, stack, until_ns - thread.accounted_ns);
  thread.accounted_ns = until_ns;
  thread.due_at_ns = NextDue_locked(thread);
}

void ThreadWatcher::AddSample_locked(const std::shared_ptr<Identity>& identity,
                                     std::span<const LocationId> stack, uint64_t cpu_ns) {
  // How long such a thread waited is nobody's concern: its wall is its cpu.
  auto ns = static_cast<int64_t>(cpu_ns);
  for (Session& session : sessions_) {
    auto [label, added] = session.label_of.try_emplace(identity.get(), 0);
    if (added) {
      session.labels.push_back(identity);
      label->second = static_cast<LabelSetId>(session.labels.size());
    }
    session.profile->Add(stack, label->second, {1, ns, ns, 0});
  }
}

void ThreadWatcher::Scan_locked(uint64_t now_ns) {
  last_scan_ns_ = now_ns;
  one_is_gone_ = false;
  thread_count_ = ThreadCount();
  NativeCode::Get().Update();
  std::unordered_set<int> living;
  for (int id : ThreadIds()) {
    living.insert(id);
    // Not there at the last scan, so all it used was used since.
    if (!threads_.contains(id) && !excluded_.contains(id)) AddThread_locked(id, 0);
  }
  if (living.empty()) return;
  for (auto at = threads_.begin(); at != threads_.end();) {
    auto& [id, thread] = *at;
    std::optional<uint64_t> cpu = CpuNsOfThread(id);
    bool replaced = cpu && *cpu < thread.accounted_ns;  // another thread got its id
    if (living.contains(id) && !replaced) {
      ++at;
      continue;
    }
    // What it used beyond this is found by AccountForTheEnded.
    ended_accounted_ns_ += thread.accounted_ns;
    if (thread.slot != nullptr) ThreadSampleSlots::Release(thread.slot);
    at = threads_.erase(at);
    if (replaced) living.erase(id);
  }
  AccountForTheEnded_locked();
}

void ThreadWatcher::AccountForTheEnded_locked() {
  uint64_t process = ProcessCpuNs();  // before the others: the difference is too small, never too large
  uint64_t living = 0;
  for (auto& [id, thread] : threads_) living += CpuNsOfThread(id).value_or(thread.accounted_ns);
  for (int id : excluded_) living += CpuNsOfThread(id).value_or(0);
  uint64_t known = living + ended_at_start_ns_ + ended_accounted_ns_;
  if (process < known + kLeastEndedNs) return;
  AddSample_locked(ended_, {&not_sampled_, 1}, process - known);
  ended_accounted_ns_ += process - known;
}

// --- sessions ---

void ThreadWatcher::Open_locked(Session& session) {
  session.profile = std::make_shared<StackProfile>(code_);
  session.labels.clear();
  session.label_of.clear();
}

void ThreadWatcher::OpenSession(uint32_t id) {
  std::lock_guard lock(mutex_);
  Open_locked(sessions_.emplace_back());
  sessions_.back().id = id;
}

ProfilePart ThreadWatcher::TakeSession(uint32_t id, bool reopen) {
  std::lock_guard lock(mutex_);
  auto session = std::find_if(sessions_.begin(), sessions_.end(),
                              [&](const Session& s) { return s.id == id; });
  if (session == sessions_.end()) return {};
  if (started_) {
    Collect_locked();
    if (!reopen) Scan_locked(MonotonicNs_signal());
    for (auto& [thread_id, thread] : threads_) {
      // The rest of others is in their next sample.
      if (reopen && !thread.is_own) continue;
      std::optional<uint64_t> cpu = CpuNsOfThread(thread_id);
      if (cpu) Account_locked(thread, *cpu, {thread.is_own ? &own_ : &not_sampled_, 1});
    }
  }
  ProfilePart part;
  part.profile = std::move(session->profile);
  part.label_sets.resize(1);
  for (const auto& identity : session->labels) {
    Label label{"thread", identity->name};
    label.by_root = identity->name_by_root;
    part.label_sets.push_back({std::move(label)});
  }
  part.label_of_root = LabelOfRoot;
  if (reopen) {
    Open_locked(*session);
  } else {
    sessions_.erase(session);
  }
  return part;
}

size_t ThreadWatcher::bytes_held() {
  std::lock_guard lock(mutex_);
  size_t bytes = threads_.size() * (sizeof(Thread) + 64);
  for (const Session& session : sessions_) bytes += session.profile->bytes_held();
  return bytes;
}

}  // namespace hotspan
