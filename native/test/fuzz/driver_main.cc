// Runs LLVMFuzzerTestOneInput without libFuzzer, which g++ lacks: random inputs
// and mutations of earlier ones, from a seed, for a bounded time.
//
//   --seconds N   how long (default 5)
//   --seed S      decimal; default taken from the clock and printed
//   --replay HEX  run this one input, as printed after a failure

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "byte_source.h"

namespace {

using Input = std::vector<uint8_t>;
using Random = std::mt19937_64;

Input current;

void PrintCurrent() {
  std::string hex = "fuzz: rerun with --replay ";
  for (const uint8_t byte : current) {
    hex.push_back("0123456789abcdef"[byte >> 4]);
    hex.push_back("0123456789abcdef"[byte & 15]);
  }
  hex.push_back('\n');
  [[maybe_unused]] const auto written = write(STDERR_FILENO, hex.data(), hex.size());
}

void OnAbort(int) {
  PrintCurrent();
  _exit(1);
}

Input RandomInput(Random& random) {
  Input input(random() % (random() % 4 == 0 ? 4096 : 128));
  for (auto& byte : input) {
    // Small and boundary values lead deeper than plain noise.
    byte = static_cast<uint8_t>(random() % 3 == 0 ? random() % 4 : random());
  }
  return input;
}

void Mutate(Input& input, const Input& other, Random& random) {
  for (size_t n = 1 + random() % 6; n > 0; --n) {
    const size_t at = input.empty() ? 0 : random() % input.size();
    switch (random() % 6) {
      case 0:
        if (!input.empty()) input[at] ^= static_cast<uint8_t>(1 << random() % 8);
        break;
      case 1:
        if (!input.empty()) input[at] = "\x00\x01\x7f\x80\xff"[random() % 5];
        break;
      case 2:
        input.insert(input.begin() + at, static_cast<uint8_t>(random()));
        break;
      case 3:
        input.erase(input.begin() + at,
                    input.begin() + std::min(input.size(), at + 1 + random() % 8));
        break;
      case 4: {
        const Input part(input.begin() + at, input.end());
        if (input.size() < 8192) input.insert(input.begin() + at, part.begin(), part.end());
        break;
      }
      case 5:
        if (!other.empty() && input.size() < 8192) {
          input.resize(at);
          input.insert(input.end(), other.begin() + random() % other.size(), other.end());
        }
        break;
    }
  }
}

void Run(Input input) {
  // A copy of exact size on the heap, so that a read past its end is seen.
  current = std::move(input);
  current.shrink_to_fit();
  LLVMFuzzerTestOneInput(current.data(), current.size());
}

Input FromHex(std::string_view hex) {
  Input input;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    input.push_back(static_cast<uint8_t>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return input;
}

}  // namespace

#if defined(__SANITIZE_ADDRESS__)
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif

int main(int argc, char** argv) {
  double seconds = 5;
  uint64_t seed = static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  signal(SIGABRT, OnAbort);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_set_death_callback(PrintCurrent);
#endif
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (flag == "--seconds") seconds = std::stod(argv[i + 1]);
    if (flag == "--seed") seed = std::stoull(argv[i + 1]);
    if (flag == "--replay") {
      Run(FromHex(argv[i + 1]));
      return 0;
    }
  }
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);

  Random random(seed);
  std::vector<Input> pool(64);
  size_t runs = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  do {
    Input input;
    if (random() % 4 == 0) {
      input = RandomInput(random);
    } else {
      input = pool[random() % pool.size()];
      Mutate(input, pool[random() % pool.size()], random);
    }
    if (random() % 4 == 0) pool[random() % pool.size()] = input;
    Run(std::move(input));
    ++runs;
  } while (std::chrono::steady_clock::now() < end);
  std::printf("%zu inputs\n", runs);
  return 0;
}
