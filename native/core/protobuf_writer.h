#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hotspan {

// Appends protobuf wire format to a string. Fields that hold zero are left
// out, as proto3 has it; PackedUint64 and nested messages are written as told.
class ProtobufWriter {
 public:
  explicit ProtobufWriter(std::string& out) : out_(out) {}

  void Uint64(uint32_t field, uint64_t value) {
    if (value == 0) return;
    Tag(field, kVarint);
    Varint(value);
  }
  void Int64(uint32_t field, int64_t value) { Uint64(field, static_cast<uint64_t>(value)); }

  // Written even when empty: pprof's string table needs its entry 0.
  void Bytes(uint32_t field, std::string_view value) {
    Tag(field, kLengthDelimited);
    Varint(value.size());
    out_.append(value);
  }

  // A length-delimited field whose content is what is written between the two
  // calls. One byte is set aside for the length; End() moves the content up
  // when it takes more, which costs less than measuring beforehand.
  size_t Begin(uint32_t field) {
    Tag(field, kLengthDelimited);
    out_.push_back(0);
    return out_.size();
  }
  void End(size_t begin) {
    char encoded[kMaxVarint];
    const size_t length = Encode(out_.size() - begin, encoded);
    out_[begin - 1] = encoded[0];
    if (length > 1) out_.insert(begin, encoded + 1, length - 1);
  }

  // A bare varint: an element of a packed field.
  void Varint(uint64_t value) {
    if (value < 0x80) {
      out_.push_back(static_cast<char>(value));
      return;
    }
    char encoded[kMaxVarint];
    out_.append(encoded, Encode(value, encoded));
  }

 private:
  static constexpr uint32_t kVarint = 0;
  static constexpr uint32_t kLengthDelimited = 2;
  static constexpr size_t kMaxVarint = 10;

  void Tag(uint32_t field, uint32_t wire_type) { Varint(field << 3 | wire_type); }

  static size_t Encode(uint64_t value, char* to) {
    size_t length = 0;
    for (; value >= 0x80; value >>= 7) to[length++] = static_cast<char>(value | 0x80);
    to[length++] = static_cast<char>(value);
    return length;
  }

  std::string& out_;
};

}  // namespace hotspan
