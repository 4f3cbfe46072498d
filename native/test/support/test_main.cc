// Usage: hotspan_native_tests [PART]: runs the tests whose name contains PART.

#include <cstring>

#include "check.h"

int main(int argc, char** argv) {
  using namespace hotspan::test;
  const char* part = argc > 1 ? argv[1] : "";
  size_t passed = 0, failed = 0;
  for (const Case& test : Cases()) {
    if (std::strstr(test.name, part) == nullptr) continue;
    tally = {};
    test.run();
    if (tally.assertions == 0) {
      std::printf("  no assertions made\n");
      ++tally.failures;
    }
    const bool ok = tally.failures == 0;
    ++(ok ? passed : failed);
    std::printf("%s %s\n", ok ? "ok  " : "FAIL", test.name);
    std::fflush(stdout);
  }
  std::printf("%zu passed, %zu failed\n", passed, failed);
  return failed == 0 && passed != 0 ? 0 : 1;
}
