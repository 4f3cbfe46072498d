#include "own_code.h"

#include <link.h>

#include <cstdint>

namespace hotspan {
namespace {

// Stops at the object that this function is in.
int FindOwn(dl_phdr_info* object, size_t, void* found) {
  const auto here = reinterpret_cast<uint64_t>(&FindOwn);
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    const uint64_t start = object->dlpi_addr + segment.p_vaddr;
    if (here < start || here >= start + segment.p_memsz) continue;
    *static_cast<AddressRange*>(found) = {start, start + segment.p_memsz};
    return 1;
  }
  return 0;
}

}  // namespace

AddressRange OwnCode() {
  AddressRange found{};
  dl_iterate_phdr(FindOwn, &found);
  return found;
}

}  // namespace hotspan
