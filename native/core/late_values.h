#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hotspan {

using LateValueId = uint64_t;  // 0 = none

// Texts that become known only after the samples that carry them: a route that
// is settled when the request ends. A label refers to one by its id and gets
// the text, if there is one by then, when the profile is encoded.
//
// Holds the texts set last; older ones are forgotten. Any thread.
class LateValues {
 public:
  explicit LateValues(size_t max_values = 64 * 1024) : max_values_(max_values) {}

  // An id that no other call returned.
  LateValueId Reserve();
  // The first text stays: what a profile has said is not taken back.
  void Set(LateValueId id, std::string_view text);
  std::optional<std::string> Get(LateValueId id) const;

 private:
  const size_t max_values_;
  mutable std::mutex mutex_;  // guards all below
  LateValueId next_ = 1;
  std::unordered_map<LateValueId, std::string> texts_;
  std::deque<LateValueId> oldest_;
};

// The process's one table: a value may be set by another thread than the one
// whose samples refer to it.
LateValues& SharedLateValues();

}  // namespace hotspan
