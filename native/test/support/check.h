#pragma once

// A test runner in one header, so that the native tests need no package that
// the system may not have. A test that makes no assertion fails.

#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

namespace hotspan::test {

struct Case {
  const char* name;
  void (*run)();
};

inline std::vector<Case>& Cases() {
  static std::vector<Case> cases;
  return cases;
}

struct Tally {
  size_t assertions = 0;
  size_t failures = 0;
};
inline Tally tally;  // of the running test; main thread only

inline bool Register(const char* name, void (*run)()) {
  Cases().push_back({name, run});
  return true;
}

inline void Report(bool ok, const char* file, int line, const std::string& what) {
  ++tally.assertions;
  if (ok) return;
  // The first failures tell the story; a loop's other ten thousand do not.
  if (++tally.failures <= 5) std::printf("  %s:%d: %s\n", file, line, what.c_str());
}

template <typename T>
std::string Show(const T& value) {
  std::ostringstream out;
  if constexpr (requires { out << value; }) {
    out << value;
  } else {
    out << "(value)";
  }
  return out.str();
}

}  // namespace hotspan::test

#define TEST(name)                                                                      \
  static void name();                                                                   \
  [[maybe_unused]] static const bool registered_##name =                                \
      ::hotspan::test::Register(#name, name);                                           \
  static void name()

#define EXPECT(condition) \
  ::hotspan::test::Report(static_cast<bool>(condition), __FILE__, __LINE__, #condition)

#define EXPECT_EQ(actual, expected)                                                     \
  do {                                                                                  \
    /* Copies: a part of a temporary would be gone by the comparison. */                \
    const auto actual_ = (actual);                                                      \
    const auto expected_ = (expected);                                                  \
    const bool ok_ = actual_ == expected_;                                              \
    ::hotspan::test::Report(ok_, __FILE__, __LINE__,                                    \
                            ok_ ? std::string()                                         \
                                : std::string(#actual " is ") +                         \
                                      ::hotspan::test::Show(actual_) + ", expected " +  \
                                      ::hotspan::test::Show(expected_));                \
  } while (false)
