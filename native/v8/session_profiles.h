#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "../core/code_table.h"
#include "../core/stack_profile.h"
#include "context_table.h"
#include "period_counters.h"

namespace hotspan {

// A session's share of one thread since it was opened or last taken.
struct TakenProfile {
  std::shared_ptr<StackProfile> profile;  // null: the thread knows no such session
  PeriodCounters counters;
};

// One isolate's share of the sessions that are open: each collects the same
// samples to a profile of its own. `totals` is what the isolate has counted up to
// now. Under its owner's lock.
class SessionProfiles {
 public:
  SessionProfiles(std::shared_ptr<CodeTable> code, ContextTable& contexts)
      : code_(std::move(code)), contexts_(contexts) {}

  void Open(uint32_t id, const PeriodCounters& totals);
  // Swaps the session's profile for an empty one (`reopen`), or closes it.
  TakenProfile Take(uint32_t id, bool reopen, const PeriodCounters& totals);
  bool empty() const { return sessions_.empty(); }
  uint64_t bytes_held() const;

  struct Times {
    uint64_t cpu_ns, wall_ns;
  };
  // A sample, with the times since the one before it: each is nearer to one half of
  // them. All for the later one, as profilers do it, short pieces of work would
  // seem to spend their time towards their ends. `context`: the sample's context
  // word, 0 for what belongs to no context.
  void Add(std::span<const LocationId> stack, const Times& since_last, uint64_t context);
  // Of a time that neither the sample before nor the one after has a share in.
  void AddAlone(std::span<const LocationId> stack, const Times& times);
  // More time of the sample added last.
  void AddToLast(const Times& times);
  // What followed the last sample, up to a pause: nothing of what comes before the
  // next is the last one's.
  void EndLast(const Times& rest);

 private:
  struct Session {
    uint32_t id;
    std::shared_ptr<StackProfile> profile;
    PeriodCounters at_start;
    LabelSetId last_labels = 0;  // of the sample added last
    bool shares_with_last = false;  // the time before the next sample
  };

  const std::shared_ptr<CodeTable> code_;
  ContextTable& contexts_;
  std::vector<Session> sessions_;
  std::vector<LocationId> last_stack_;  // of the sample added last
};

}  // namespace hotspan
