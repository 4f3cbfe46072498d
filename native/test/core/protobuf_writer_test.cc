#include "../../core/protobuf_writer.h"

#include "../support/check.h"

namespace hotspan {
namespace {

using namespace std::string_literals;

// Bytes by the encoding guide, protobuf.dev/programming-guides/encoding.
TEST(ProtobufWriter_writes_scalars) {
  std::string out;
  ProtobufWriter writer(out);
  writer.Uint64(1, 150);
  EXPECT_EQ(out, "\x08\x96\x01"s);
  writer.Uint64(2, 0);
  EXPECT_EQ(out.size(), 3u);
  writer.Int64(2, -1);
  EXPECT_EQ(out.substr(3), "\x10\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s);
}

TEST(ProtobufWriter_writes_bytes_even_when_empty) {
  std::string out;
  ProtobufWriter writer(out);
  writer.Bytes(2, "testing");
  writer.Bytes(6, "");
  EXPECT_EQ(out, "\x12\x07testing\x32\x00"s);
}

TEST(ProtobufWriter_nests_messages_of_any_length) {
  for (const size_t length : {size_t{0}, size_t{127}, size_t{128}, size_t{16383}, size_t{16384}}) {
    std::string out = "before";
    ProtobufWriter writer(out);
    const size_t outer = writer.Begin(1);
    const size_t inner = writer.Begin(2);
    out.append(length, 'x');
    writer.End(inner);
    writer.End(outer);

    std::string expected_inner, expected = "before";
    ProtobufWriter(expected_inner).Bytes(2, std::string(length, 'x'));
    ProtobufWriter(expected).Bytes(1, expected_inner);
    EXPECT(out == expected);
  }
}

}  // namespace
}  // namespace hotspan
