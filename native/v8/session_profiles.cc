#include "session_profiles.h"

#include <algorithm>

namespace hotspan {

void SessionProfiles::Open(uint32_t id, const PeriodCounters& totals) {
  sessions_.push_back({id, std::make_shared<StackProfile>(code_), totals});
}

TakenProfile SessionProfiles::Take(uint32_t id, bool reopen, const PeriodCounters& totals) {
  auto session = std::find_if(sessions_.begin(), sessions_.end(),
                              [&](const Session& s) { return s.id == id; });
  if (session == sessions_.end()) return {};
  TakenProfile taken{std::move(session->profile), totals - session->at_start};
  if (reopen) {
    session->profile = std::make_shared<StackProfile>(code_);
    session->at_start = totals;
    session->last_labels = 0;  // known to the profile that was taken
  } else {
    sessions_.erase(session);
  }
  return taken;
}

uint64_t SessionProfiles::bytes_held() const {
  uint64_t sum = 0;
  for (const Session& session : sessions_) sum += session.profile->bytes_held();
  return sum;
}

void SessionProfiles::Add(std::span<const LocationId> stack, const StackProfile::Values& values,
                          uint64_t context) {
  for (Session& session : sessions_) {
    session.last_labels = contexts_.IdOf(context, session.profile->shared_labels());
    session.profile->Add(stack, session.last_labels, values);
  }
  last_stack_.assign(stack.begin(), stack.end());
}

void SessionProfiles::AddWaitToLast(uint64_t waited_ns) {
  for (Session& session : sessions_) {
    session.profile->Add(last_stack_, session.last_labels, {0, 0, static_cast<int64_t>(waited_ns), 0});
  }
}

}  // namespace hotspan
