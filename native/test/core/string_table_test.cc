#include "../../core/string_table.h"

#include <atomic>
#include <string>
#include <thread>
#include <unordered_map>

#include "../support/check.h"

namespace hotspan {
namespace {

using namespace std::string_literals;

TEST(StringTable_starts_with_the_empty_string) {
  StringTable table;
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(table.Get(0), "");
  EXPECT_EQ(table.Intern(""), 0u);
  EXPECT_EQ(table.size(), 1u);
}

TEST(StringTable_gives_equal_bytes_one_id) {
  StringTable table;
  const std::string texts[] = {"a", "b", "a\0b"s, "a\0c"s, "\xFF\xFE", std::string(100000, 'x')};
  std::vector<StringId> ids;
  for (const auto& text : texts) ids.push_back(table.Intern(text));
  for (size_t i = 0; i < std::size(texts); ++i) {
    EXPECT_EQ(ids[i], i + 1);
    EXPECT_EQ(table.Intern(texts[i]), ids[i]);
    EXPECT(table.Get(ids[i]) == texts[i]);
  }
}

TEST(StringTable_copies_and_never_moves_them) {
  StringTable table;
  std::string text = "first";
  const StringId id = table.Intern(text);
  const std::string_view view = table.Get(id);
  text = "wrong";
  for (int i = 0; i < 20000; ++i) table.Intern("name " + std::to_string(i));
  EXPECT_EQ(view, "first");
  EXPECT(table.Get(id).data() == view.data());
  size_t wrong = 0;
  for (uint32_t i = 0; i < 20000; ++i) wrong += table.Get(i + 2) != "name " + std::to_string(i);
  EXPECT_EQ(wrong, 0u);
  EXPECT(table.bytes_held() > 20000 * 10);
}

TEST(StringTable_is_small_at_first) {
  StringTable table;
  table.Intern("x");
  EXPECT(table.bytes_held() < 64 * 1024);
}

TEST(StringTable_full_of_bytes_says_so) {
  StringTable table;
  const StringId known = table.Intern("known");
  StringId last = 0;
  for (char c = 'A'; c < 'A' + 80 && (last == 0 || table.Get(last) != "(string table full)"); ++c) {
    last = table.Intern(std::string(1 << 20, c));
  }
  EXPECT_EQ(table.Get(last), "(string table full)");
  EXPECT_EQ(table.Intern(std::string(1 << 20, '!')), last);
  EXPECT(table.Get(table.Intern("what is short may still fit")) != "");
  EXPECT_EQ(table.Intern("(string table full)"), last);
  EXPECT_EQ(table.Intern("known"), known);
  EXPECT(table.bytes_held() < 70u << 20);
}

TEST(StringTable_full_of_strings_says_so) {
  StringTable table;
  const StringId taken = table.Intern("(string table full)");
  for (int i = 0; i < (1 << 20); ++i) table.Intern(std::to_string(i));
  EXPECT_EQ(table.Intern("one more"), taken);
  EXPECT(table.size() <= 1u << 20);
  EXPECT_EQ(table.Get(table.Intern("17")), "17");
}

TEST(StringTable_Concurrent_get_of_published_ids) {
  StringTable table;
  constexpr uint32_t kCount = 20000;
  std::atomic<StringId> published{0};
  uint32_t wrong = 0, read = 0;
  std::thread reader([&] {
    while (read < kCount) {
      for (const StringId end = published.load(std::memory_order_acquire); read < end; ++read) {
        wrong += table.Get(read + 1) != std::to_string(read);
      }
    }
  });
  for (uint32_t i = 0; i < kCount; ++i) {
    published.store(table.Intern(std::to_string(i)), std::memory_order_release);
  }
  reader.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(read, kCount);
}

}  // namespace
}  // namespace hotspan
