#include "session_profiles.h"

#include <algorithm>
#include <utility>

namespace hotspan {
namespace {

StackProfile::Values ValuesOf(int64_t count, const SessionProfiles::Times& times) {
  return {count, static_cast<int64_t>(times.cpu_ns), static_cast<int64_t>(times.wall_ns), 0};
}

}  // namespace

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
    session->shares_with_last = false;
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

void SessionProfiles::Add(std::span<const LocationId> stack, const Times& since_last,
                          uint64_t context) {
  const Times half{since_last.cpu_ns / 2, since_last.wall_ns / 2};
  const Times rest{since_last.cpu_ns - half.cpu_ns, since_last.wall_ns - half.wall_ns};
  for (Session& session : sessions_) {
    const bool shares = std::exchange(session.shares_with_last, true);
    if (shares) session.profile->Add(last_stack_, session.last_labels, ValuesOf(0, half));
    session.last_labels = contexts_.IdOf(context, session.profile->shared_labels());
    session.profile->Add(stack, session.last_labels, ValuesOf(1, shares ? rest : since_last));
  }
  last_stack_.assign(stack.begin(), stack.end());
}

void SessionProfiles::AddAlone(std::span<const LocationId> stack, const Times& times) {
  for (Session& session : sessions_) session.shares_with_last = false;
  Add(stack, times, 0);
  for (Session& session : sessions_) session.shares_with_last = false;
}

void SessionProfiles::AddToLast(const Times& times) {
  for (Session& session : sessions_) {
    session.profile->Add(last_stack_, session.last_labels, ValuesOf(0, times));
  }
}

void SessionProfiles::EndLast(const Times& rest) {
  AddToLast(rest);
  for (Session& session : sessions_) session.shares_with_last = false;
}

}  // namespace hotspan
