#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace hotspan::test {

// Turns fuzz input into decisions; zeros after its end.
class ByteSource {
 public:
  ByteSource(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  bool done() const { return at_ >= size_; }

  uint64_t Bits(size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) value = value << 8 | (done() ? 0 : data_[at_++]);
    return value;
  }
  // 0..limit-1. REQUIRES: limit != 0.
  uint64_t Below(uint64_t limit) { return Bits(limit > 256 ? 4 : 1) % limit; }
  bool Flip() { return (Bits(1) & 1) != 0; }

  // 0 to 8 bytes long integers, so that small ones are common.
  uint64_t AnyInteger() { return Bits(Below(9)); }

  std::vector<uint8_t> Bytes(size_t limit) {
    std::vector<uint8_t> bytes(Below(limit + 1));
    for (auto& byte : bytes) byte = static_cast<uint8_t>(Bits(1));
    return bytes;
  }
  std::string Text(size_t limit) {
    const auto bytes = Bytes(limit);
    return {bytes.begin(), bytes.end()};
  }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

inline void Require(bool condition, std::string_view what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: broken: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

}  // namespace hotspan::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
