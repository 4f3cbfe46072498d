#pragma once

#include <cstdint>

namespace hotspan {

// a + b, held at the limits of int64_t: a counter that sticks is wrong by
// less than one that wraps round to a negative number.
inline int64_t SaturatingAdd(int64_t a, int64_t b) {
  int64_t sum;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? INT64_MAX : INT64_MIN;
}

}  // namespace hotspan
