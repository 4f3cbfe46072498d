#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "../core/code_table.h"
#include "../core/pprof_encoder.h"
#include "../core/stack_profile.h"
#include "../platform/address_range.h"
#include "../platform/sampler_thread.h"
#include "thread_sample_signal.h"

namespace hotspan {

// Samples the threads that run no JavaScript, each in proportion to the CPU time
// it uses, and accounts for what the process used beside its samples.
//
// A thread is signalled only while it runs: no sleep is disturbed. What it used
// since its last sample is the weight of the next; what is left when a session
// ends, and what a thread uses that blocks signals, is counted without a stack. Threads that ended are known by the rest: the
// process's CPU time less that of the living.
class ThreadWatcher final : public SampleTarget {
 public:
  explicit ThreadWatcher(std::shared_ptr<CodeTable> code);

  // Begins and ends watching; the sampler thread calls the SampleTarget part in
  // between. `stacks` false: threads are counted without their stacks.
  void Start(uint64_t period_ns, bool stacks);
  void Stop();

  // The thread is sampled by somebody else from now on; what it used before is
  // counted under `thread`. And ours again: it is about to end.
  void Exclude(int thread_id, const std::string& thread);
  void Include(int thread_id, const std::string& thread);

  void OpenSession(uint32_t id);
  // The session's profile of all these threads; swapped for an empty one
  // (`reopen`) or closed. Any thread.
  ProfilePart TakeSession(uint32_t id, bool reopen);
  size_t bytes_held();

  // SampleTarget
  bool IsIdle() override;
  void Sample() override;
  void Housekeep(uint64_t now_ns, bool going_idle) override;
  void FinishBeforeEnd() override {}

 private:
  // Who used the CPU, as samples say it. Shared with the profiles: a worker is
  // called by its number once it says it.
  struct Identity {
    std::string name;
    bool name_by_root = false;  // has no name of its own: what it runs tells
  };
  struct Thread {
    std::shared_ptr<Identity> identity;
    bool is_own = false;          // hotspan's, such as the sampler thread: never signalled
    uint64_t accounted_ns = 0;    // CPU time that is in samples
    uint64_t looked_ns = 0;       // CPU time at the last look
    uint64_t moved_at_ns = 0;     // when the last look found that it had worked
    uint64_t moved_ns = 0;        // and how much
    uint64_t due_at_ns = 0;       // CPU time of the next sample
    uint64_t signalled_ns = 0;    // CPU time at the signal under way
    uint64_t signalled_at_ns = 0;  // when that was sent
    ThreadSampleSlots::Slot* slot = nullptr;  // a sample is under way
    // It did not answer the last signal: since it blocks signals, as a rule. It gets
    // no other while that one waits for it, and its time goes without a stack.
    bool is_deaf = false;
    uint64_t ask_again_at_ns = 0, ask_again_after_ns = 0;
  };
  struct Session {
    uint32_t id;
    std::shared_ptr<StackProfile> profile;
    std::vector<std::shared_ptr<Identity>> labels;  // by LabelSetId - 1
    std::unordered_map<const Identity*, LabelSetId> label_of;
  };

  void Scan_locked(uint64_t now_ns);
  void AccountForTheEnded_locked();
  void AddThread_locked(int id, uint64_t accounted_ns);
  void Name_locked(int id, Identity& identity);
  bool IsOwn_locked(int id, Thread& thread);
  bool IsAtWork_locked(int id, const Thread& thread) const;
  bool StaysDeaf_locked(int id, Thread& thread, uint64_t now_ns) const;
  void Collect_locked();
  void CollectFrom_locked(int id, Thread& thread);
  void Account_locked(Thread& thread, uint64_t until_ns, std::span<const LocationId> stack);
  void AddSample_locked(const std::shared_ptr<Identity>& identity,
                        std::span<const LocationId> stack, uint64_t cpu_ns);
  uint64_t NextDue_locked(const Thread& thread);
  void Open_locked(Session& session);

  const std::shared_ptr<CodeTable> code_;
  const LocationId not_sampled_, own_, starting_;
  const AddressRange own_code_;
  std::shared_ptr<Identity> ended_;  // all threads that came and went unseen

  // Guards what follows; held for a tick, a take, an attach.
  std::mutex mutex_;
  bool started_ = false;
  bool stacks_ = true;
  uint64_t period_ns_ = 0;
  std::unordered_map<int, Thread> threads_;
  std::unordered_set<int> excluded_;
  std::vector<Session> sessions_;
  std::string process_name_;       // what threads without a name inherit
  uint64_t last_look_ns_ = 0, since_last_look_ns_ = 0, last_scan_ns_ = 0, last_count_ns_ = 0;
  size_t thread_count_ = 0;  // at the last scan
  bool one_is_gone_ = false;  // since then
  uint32_t looks_ = 0;
  uint64_t random_ = 88172645463325252;
  // CPU time of ended threads: at the start, and of it what is in samples.
  uint64_t ended_at_start_ns_ = 0, ended_accounted_ns_ = 0;
  std::vector<LocationId> scratch_;
};

}  // namespace hotspan
