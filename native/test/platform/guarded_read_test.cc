#include "../../platform/guarded_read.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "../support/check.h"

namespace hotspan {
namespace {

// Pages that can be read, every third of which cannot.
class Pages {
 public:
  static constexpr size_t kCount = 12;
  Pages() : size_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
    void* start = mmap(nullptr, kCount * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(start != MAP_FAILED);
    start_ = static_cast<uint8_t*>(start);
    for (size_t page = 0; page < kCount; ++page) {
      std::fill_n(start_ + page * size_, size_, static_cast<uint8_t>(page + 1));
      if (!IsReadable(page)) mprotect(start_ + page * size_, size_, PROT_NONE);
    }
  }
  ~Pages() { munmap(start_, kCount * size_); }
  static bool IsReadable(size_t page) { return page % 3 != 2; }
  uint64_t At(size_t page, size_t offset) const {
    return reinterpret_cast<uint64_t>(start_) + page * size_ + offset;
  }
  size_t size() const { return size_; }

 private:
  size_t size_;
  uint8_t* start_;
};

TEST(GuardedRead_copies_what_is_readable_and_says_when_it_is_not) {
  Pages pages;
  std::array<uint8_t, 64> out{};
  EXPECT(GuardedReadAvailable());
  EXPECT(GuardedRead(pages.At(0, 100), out.data(), out.size()));
  EXPECT_EQ(out[63], 1);
  EXPECT(!GuardedRead(pages.At(2, 100), out.data(), out.size()));
  EXPECT(!GuardedRead(pages.At(2, 0) - 32, out.data(), out.size()));
}

TEST(GuardedReadEach_says_of_each_whether_it_was_readable) {
  Pages pages;
  EXPECT(GuardedReadAvailable());
  constexpr size_t kSize = 40;
  // More than one call takes; each third cannot be read, nor what begins in the page before it.
  std::vector<uint64_t> addresses;
  std::vector<size_t> expected;  // the bytes' value, 0 where there are none
  for (size_t i = 0; i < 50; ++i) {
    const size_t page = i % Pages::kCount;
    const bool straddles = i % 5 == 4 && page + 1 < Pages::kCount;
    addresses.push_back(straddles ? pages.At(page + 1, 0) - kSize / 2 : pages.At(page, 8 * i));
    const bool readable = Pages::IsReadable(page) && (!straddles || Pages::IsReadable(page + 1));
    expected.push_back(readable ? page + 1 : 0);
  }
  addresses.push_back(1);
  expected.push_back(0);
  std::vector<uint8_t> out(addresses.size() * kSize);
  const auto readable = std::make_unique<bool[]>(addresses.size());
  GuardedReadEach(addresses, kSize, out.data(), readable.get());
  for (size_t i = 0; i < addresses.size(); ++i) {
    EXPECT_EQ(readable[i], expected[i] != 0);
    if (readable[i]) EXPECT_EQ(size_t{out[i * kSize]}, expected[i]);
  }
  GuardedReadEach({}, kSize, nullptr, nullptr);
}

TEST(ReadableFrom_ends_before_the_first_page_that_cannot_be_read) {
  Pages pages;
  EXPECT(GuardedReadAvailable());
  for (size_t page = 0; page < Pages::kCount; ++page) {
    for (size_t offset : {size_t{0}, size_t{8}, pages.size() - 8}) {
      const size_t readable_pages = 2 - page % 3;
      const size_t readable = readable_pages == 0 ? 0 : readable_pages * pages.size() - offset;
      const uint64_t at = pages.At(page, offset);
      EXPECT_EQ(ReadableFrom_signal(at, Pages::kCount * pages.size()), readable);
      EXPECT_EQ(ReadableFrom_signal(at, 16), std::min<size_t>(readable, 16));
      EXPECT_EQ(ReadableFrom_signal(at, 0), size_t{0});
    }
  }
}

TEST(ReadableFrom_tells_of_more_pages_than_it_asks_for_at_once) {
  const size_t size = 100 * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* start = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  EXPECT(start != MAP_FAILED && GuardedReadAvailable());
  EXPECT_EQ(ReadableFrom_signal(reinterpret_cast<uint64_t>(start) + 24, size - 24), size - 24);
  munmap(start, size);
}

TEST(GuardedRead_reads_the_memory_of_a_forked_child_in_the_child) {
  volatile int value = 1;
  EXPECT(GuardedReadAvailable());
  const pid_t child = fork();
  if (child == 0) {
    value = 2;
    int copy = 0;
    _exit(GuardedRead(reinterpret_cast<uint64_t>(&value), &copy, sizeof copy) && copy == 2 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace hotspan
