#include "../../core/utf8.h"

#include "../support/check.h"

namespace hotspan {
namespace {

using namespace std::string_literals;

const std::string kBad = "\xEF\xBF\xBD";

TEST(Utf8_accepts_what_is_well_formed) {
  for (const std::string& text :
       {""s, "plain ascii, longer than a word"s, "\0nul"s, "h\xC3\xA9"s, "\xE2\x82\xAC"s,
        "\xF0\x9F\x94\xA5"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s, "\xF4\x8F\xBF\xBF"s,
        "12345678\xC2\x80"s}) {
    EXPECT(IsValidUtf8(text));
    EXPECT_EQ(ReplaceInvalidUtf8(text), text);
  }
}

// Examples of the Unicode standard, section 3.9, tables 3-8 to 3-11.
TEST(Utf8_replaces_maximal_ill_formed_parts) {
  const auto expect = [](const std::string& text, const std::string& repaired) {
    EXPECT(!IsValidUtf8(text));
    EXPECT_EQ(ReplaceInvalidUtf8(text), repaired);
    EXPECT(IsValidUtf8(repaired));
  };
  expect("\x80", kBad);
  expect("a\xFF"s + "b", "a" + kBad + "b");
  expect("\xC0\xAF", kBad + kBad);
  expect("\xE0\x80\xBF", kBad + kBad + kBad);
  expect("\xED\xA0\x80", kBad + kBad + kBad);              // a surrogate
  expect("\xF4\x91\x92\x93", kBad + kBad + kBad + kBad);   // beyond U+10FFFF
  expect("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", kBad + kBad + kBad + kBad + "A");
  expect("12345678\xE2\x82", "12345678" + kBad);           // cut short
}

}  // namespace
}  // namespace hotspan
