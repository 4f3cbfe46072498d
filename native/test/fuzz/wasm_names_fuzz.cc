// Fuzzes native/v8/wasm_names.h: random bytes, and modules with some bytes changed, must
// give names or none and stay in bounds (the sanitizers watch); what an encoder wrote
// must be found again.

#include "../../v8/wasm_names.h"

#include <limits>

#include "../support/wasm_module_builder.h"
#include "byte_source.h"

namespace hotspan::test {
namespace {

void AskForAll(const WasmBytes& bytes) {
  const auto read = ReadFrom(bytes);
  const WasmNames names(bytes.size(), read);
  for (const uint32_t index : {0u, 1u, 63u, 64u, 65u, 1000u, std::numeric_limits<uint32_t>::max()}) {
    Require(names.FunctionName(index, read).size() <= 4096, "length of a name");
  }
  Require(names.module_name().size() <= 4096, "length of a module's name");
  Require(names.bytes_held() <= bytes.size() + 8192, "bytes held");
}

void RoundTrip(ByteSource& source) {
  WasmFunctionNames functions;
  uint32_t index = 0;
  while (!source.done() && functions.size() < 300) {
    index += 1 + static_cast<uint32_t>(source.Below(source.Flip() ? 2 : 70'000));
    functions.emplace_back(index, source.Text(20));
  }
  WasmBytes bytes = EncodeNames("module", functions);
  const auto read = ReadFrom(bytes);
  const WasmNames names(bytes.size(), read);
  for (const auto& [number, name] : functions) Require(names.FunctionName(number, read) == name, "a function's name");
  for (int i = 0; i < 8; ++i) bytes[source.Below(bytes.size())] = static_cast<uint8_t>(source.Bits(1));
  AskForAll(bytes);
}

}  // namespace
}  // namespace hotspan::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hotspan::test;
  ByteSource source(data, size);
  if (source.Flip()) {
    RoundTrip(source);
  } else {
    WasmBytes bytes = source.Bytes(4000);
    if (source.Flip()) bytes.insert(bytes.begin(), {0, 'a', 's', 'm', 1, 0, 0, 0});
    AskForAll(bytes);
  }
  return 0;
}
