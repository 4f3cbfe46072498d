#include "../../platform/memory_map.h"

#include <algorithm>
#include <cstdio>
#include <random>
#include <vector>

#include "../../platform/native_code.h"
#include "../support/check.h"

namespace hotspan {
namespace {

int SomeFunction(int x) { return x + 1; }

bool Same(const Mapping& a, const Mapping& b) {
  return a.start == b.start && a.limit == b.limit && a.file_offset == b.file_offset && a.path == b.path;
}

TEST(ExecutableFiles_are_those_of_all_mappings_that_hold_anything_of_a_range) {
  std::vector<Mapping> files;
  for (Mapping& mapping : ExecutableMappings()) {
    if (mapping.path.starts_with("/")) files.push_back(std::move(mapping));
  }
  EXPECT(files.size() >= 2);
  std::minstd_rand random(5);
  for (int round = 0; round < 300; ++round) {
    const Mapping& first = files[random() % files.size()];
    const Mapping& last = files[random() % files.size()];
    // Around, inside and between files.
    AddressRange range{first.start + random() % 3 * 4096 - 4096, last.limit + random() % 3 * 4096 - 4096};
    if (range.start >= range.limit) range = {range.limit, range.start};
    std::vector<Mapping> expected;
    for (const Mapping& file : files) {
      if (file.start < range.limit && range.start < file.limit) expected.push_back(file);
    }
    for (const std::vector<Mapping>& found :
         {ExecutableFiles({&range, 1}), FilesWithin(ExecutableMappings(), {&range, 1})}) {
      EXPECT(std::equal(found.begin(), found.end(), expected.begin(), expected.end(), Same));
    }
  }
  const AddressRange nothing{4096, 8192};
  EXPECT(ExecutableFiles({&nothing, 1}).empty());
}

TEST(NativeCode_holds_the_code_of_files_and_no_data) {
  NativeCode::Get().Update();
  const uint64_t on_stack = 0;
  EXPECT(NativeCode::Get().Contains_signal(reinterpret_cast<uint64_t>(&SomeFunction)));
  EXPECT(NativeCode::Get().Contains_signal(reinterpret_cast<uint64_t>(&std::fopen)));
  EXPECT(!NativeCode::Get().Contains_signal(reinterpret_cast<uint64_t>(&on_stack)));
  EXPECT(!NativeCode::Get().Contains_signal(0));
  for (const Mapping& mapping : ExecutableMappings()) {
    if (!mapping.path.starts_with("/")) continue;
    EXPECT(NativeCode::Get().Contains_signal(mapping.start + (mapping.limit - mapping.start) / 2));
  }
}

}  // namespace
}  // namespace hotspan
