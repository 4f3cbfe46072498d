#include "stored_gzip.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace hotspan {
namespace {

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  return table;
}

uint32_t Crc32(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = MakeCrcTable();
  uint32_t crc = 0xffffffffu;
  for (const char c : bytes) crc = kTable[(crc ^ static_cast<uint8_t>(c)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

void AppendLittleEndian(std::string& out, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

}  // namespace

std::string StoredGzip(std::string_view bytes) {
  constexpr size_t kMaxBlock = 0xffff;  // RFC 1951, 3.2.4
  std::string out("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);  // deflate, no name, no time, any system
  out.reserve(bytes.size() + bytes.size() / kMaxBlock * 5 + 32);
  std::string_view rest = bytes;
  do {
    const std::string_view block = rest.substr(0, kMaxBlock);
    rest.remove_prefix(block.size());
    out += rest.empty() ? '\1' : '\0';  // last block?; stored
    AppendLittleEndian(out, static_cast<uint32_t>(block.size()), 2);
    AppendLittleEndian(out, ~static_cast<uint32_t>(block.size()), 2);
    out += block;
  } while (!rest.empty());
  AppendLittleEndian(out, Crc32(bytes), 4);
  AppendLittleEndian(out, static_cast<uint32_t>(bytes.size()), 4);
  return out;
}

}  // namespace hotspan
