#pragma once

#include <cstdint>

namespace hotspan {

// Addresses of this process, `limit` not among them.
struct AddressRange {
  uint64_t start = 0, limit = 0;
  bool Contains(uint64_t address) const { return address - start < limit - start; }
};

}  // namespace hotspan
