#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hotspan {

// One executable mapping of this process.
struct Mapping {
  uint64_t start = 0;
  uint64_t limit = 0;
  uint64_t file_offset = 0;
  std::string path;  // empty: anonymous memory; "[vdso]" and such as they are
};

// The executable mappings at this moment, ascending. Empty when the OS does
// not tell.
std::vector<Mapping> ExecutableMappings();

// The mapping that holds `address`, null when none does.
const Mapping* FindMapping(const std::vector<Mapping>& mappings, uint64_t address);

// Path of the running executable.
std::string ExecutablePath();

}  // namespace hotspan
