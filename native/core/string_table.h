#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "stable_vector.h"

namespace hotspan {

using StringId = uint32_t;

// Interns byte strings. Id 0 is always the empty string.
//
// Any thread may intern; Get() takes no lock and serves any id that reached its
// caller after Intern() returned it (see StableVector). Strings are copied into
// an arena and live as long as the table.
class StringTable {
 public:
  StringTable();
  ~StringTable();
  StringTable(const StringTable&) = delete;
  StringTable& operator=(const StringTable&) = delete;

  // Returns the id of `text`, the same one for equal bytes. Bytes that are
  // not UTF-8 are kept as they are. When the table is full (a million strings
  // or 64 MiB of text), returns the id of "(string table full)".
  StringId Intern(std::string_view text);

  std::string_view Get(StringId id) const;
  size_t size() const;
  size_t bytes_held() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hotspan
