#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "address_range.h"

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

// Those of files that hold anything of one of the ranges, in no order. Asks for them
// alone where Linux can tell (6.11 or later): mappings grow with the heap, listing
// one takes about a microsecond, and this runs on the app's thread.
std::vector<Mapping> ExecutableFiles(std::span<const AddressRange> within);
// The same of a list, for an older Linux.
std::vector<Mapping> FilesWithin(std::vector<Mapping> mappings, std::span<const AddressRange> within);

// The mapping that holds `address`, null when none does.
const Mapping* FindMapping(const std::vector<Mapping>& mappings, uint64_t address);

// Path of the running executable.
std::string ExecutablePath();

}  // namespace hotspan
