#include "../../v8/wasm_names.h"

#include "../support/check.h"
#include "../support/wasm_module_builder.h"

namespace hotspan {
namespace {

using test::WasmBytes;

TEST(WasmNames_finds_each_function_among_thousands) {
  test::WasmFunctionNames functions;
  for (uint32_t i = 0; i < 5000; ++i) functions.emplace_back(i * 3, "function " + std::to_string(i));
  const WasmBytes bytes = test::EncodeNames("game", functions);
  const auto read = test::ReadFrom(bytes);
  const WasmNames names(bytes.size(), read);
  EXPECT_EQ(names.module_name(), "game");
  for (const auto& [index, name] : functions) EXPECT_EQ(names.FunctionName(index, read), name);
  EXPECT_EQ(names.FunctionName(1, read), "");
  EXPECT_EQ(names.FunctionName(15'000, read), "");
  // A part of what a list of all would be.
  EXPECT(names.bytes_held() < 4096);
}

TEST(WasmNames_cuts_a_name_that_is_too_long) {
  const WasmBytes bytes = test::EncodeNames("", {{0, std::string(100'000, 'x')}, {1, "next"}});
  const auto read = test::ReadFrom(bytes);
  const WasmNames names(bytes.size(), read);
  EXPECT_EQ(names.FunctionName(0, read).size(), 4096u);
  EXPECT_EQ(names.FunctionName(1, read), "next");
}

// What V8 compiled may have no names, or bad ones: V8 ignores them.
TEST(WasmNames_takes_no_names_from_bytes_that_are_none) {
  const WasmBytes whole = test::EncodeNames("m", {{0, "a"}, {1, "b"}, {2, "c"}});
  for (size_t size = 0; size < whole.size(); ++size) {
    const WasmBytes cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    const auto read = test::ReadFrom(cut);
    const WasmNames names(cut.size(), read);
    EXPECT_EQ(names.FunctionName(2, read), "");
  }
  WasmBytes other = whole;
  other[1] = 'b';
  EXPECT_EQ(WasmNames(other.size(), test::ReadFrom(other)).module_name(), "");
}

TEST(WasmNames_stops_where_numbers_do_not_ascend) {
  const WasmBytes bytes = test::EncodeNames("", {{5, "five"}, {4, "four"}, {6, "six"}});
  const auto read = test::ReadFrom(bytes);
  const WasmNames names(bytes.size(), read);
  EXPECT_EQ(names.FunctionName(5, read), "five");
  EXPECT_EQ(names.FunctionName(4, read), "");
}

TEST(WasmNames_gives_nothing_once_memory_cannot_be_read) {
  const WasmBytes bytes = test::EncodeNames("m", {{0, "a"}});
  const WasmNames names(bytes.size(), test::ReadFrom(bytes));
  EXPECT_EQ(names.FunctionName(0, [](uint64_t, uint8_t*, size_t) { return false; }), "");
}

}  // namespace
}  // namespace hotspan
