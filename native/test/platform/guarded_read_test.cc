#include "../../platform/guarded_read.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>

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

}  // namespace
}  // namespace hotspan
