#include "../../core/stable_vector.h"

#include <cstdint>
#include <thread>
#include <vector>

#include "../support/check.h"

namespace hotspan {
namespace {

TEST(StableVector_elements_stay_where_they_are) {
  StableVector<int, 4, 8> vector;
  EXPECT_EQ(vector.Push(7), 0u);
  const int* first = &vector[0];
  for (int i = 1; i < 32; ++i) EXPECT_EQ(vector.Push(i), static_cast<size_t>(i));
  EXPECT_EQ(first, &vector[0]);
  EXPECT_EQ(vector[0], 7);
  for (int i = 1; i < 32; ++i) EXPECT_EQ(vector[i], i);
}

TEST(StableVector_full_appends_nothing) {
  StableVector<int, 2, 2> vector;
  for (int i = 0; i < 4; ++i) vector.Push(i);
  EXPECT_EQ(vector.Push(4), vector.kCapacity);
  EXPECT_EQ(vector.size(), 4u);
  EXPECT_EQ(vector[3], 3);
}

struct Counted {
  Counted() { ++alive; }
  explicit Counted(int v) : value(v) { ++alive; }
  Counted(const Counted&) = delete;
  ~Counted() { --alive; }
  static inline int alive = 0;
  int value = 0;
};

TEST(StableVector_destroys_what_it_made) {
  {
    StableVector<Counted, 4, 4> vector;
    EXPECT_EQ(Counted::alive, 0);
    for (int i = 0; i < 5; ++i) vector.Push(i);
    EXPECT_EQ(vector[4].value, 4);
    EXPECT_EQ(Counted::alive, 8);  // two chunks
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(StableVector_bytes_grow_by_chunks) {
  StableVector<uint64_t, 8, 8> vector;
  const size_t empty = vector.bytes_held();
  vector.Push(1);
  EXPECT_EQ(vector.bytes_held() - empty, 64u);
  for (int i = 0; i < 8; ++i) vector.Push(1);
  EXPECT_EQ(vector.bytes_held() - empty, 128u);
}

TEST(StableVector_Concurrent_readers_see_whole_elements) {
  struct Pair {
    uint64_t a = 0, b = 0;
  };
  StableVector<Pair, 64, 1024> vector;
  constexpr size_t kCount = 50000;
  size_t torn[2] = {0, 0}, seen[2] = {0, 0};
  std::vector<std::thread> readers;
  for (int r = 0; r < 2; ++r) {
    readers.emplace_back([&, r] {
      while (seen[r] < kCount) {
        for (const size_t end = vector.size(); seen[r] < end; ++seen[r]) {
          const Pair& pair = vector[seen[r]];
          if (pair.a != seen[r] || pair.b != seen[r] * 3 + 1) ++torn[r];
        }
      }
    });
  }
  for (size_t i = 0; i < kCount; ++i) vector.Push(i, i * 3 + 1);
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(torn[0] + torn[1], 0u);
  EXPECT_EQ(seen[0] + seen[1], 2 * kCount);
}

}  // namespace
}  // namespace hotspan
