#include "late_values.h"

namespace hotspan {

LateValueId LateValues::Reserve() {
  std::lock_guard lock(mutex_);
  return next_++;
}

void LateValues::Set(LateValueId id, std::string_view text) {
  std::lock_guard lock(mutex_);
  if (id == 0 || id >= next_ || !texts_.try_emplace(id, text).second) return;
  oldest_.push_back(id);
  if (oldest_.size() <= max_values_) return;
  texts_.erase(oldest_.front());
  oldest_.pop_front();
}

std::optional<std::string> LateValues::Get(LateValueId id) const {
  std::lock_guard lock(mutex_);
  const auto found = texts_.find(id);
  if (found == texts_.end()) return std::nullopt;
  return found->second;
}

LateValues& SharedLateValues() {
  // Never destroyed: threads of the app may outlive static destruction.
  static LateValues& values = *new LateValues;
  return values;
}

}  // namespace hotspan
