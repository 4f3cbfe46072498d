#include "walk_area.h"

#include <algorithm>
#include <array>

#include "../platform/memory_map.h"
#include "../platform/thread_stack.h"
#include "exit_frame.h"

namespace hotspan {
namespace {

AddressRange RangeOf(const void* start, size_t size) {
  uint64_t address = reinterpret_cast<uint64_t>(start);
  return {address, address + size};
}

}  // namespace

AddressRange EmbeddedCode(v8::Isolate* isolate) {
  const void* start = nullptr;
  size_t size = 0;
  isolate->GetEmbeddedCodeRange(&start, &size);
  return RangeOf(start, size);
}

WalkBounds FindWalkArea(v8::Isolate* isolate, FrameResolver::Options* resolver_options) {
  WalkBounds bounds;
  ThreadStack stack = CurrentThreadStack();
  bounds.stack_low = stack.low;
  bounds.stack_high = stack.high;
  void* code = nullptr;
  size_t size = 0;
  isolate->GetCodeRange(&code, &size);
  bounds.code_range = RangeOf(code, size);
  bounds.embedded = EmbeddedCode(isolate);

  // From V8 12 on the builtins are also mapped into the code range, so that JIT
  // code reaches them by short calls.
  const std::array<AddressRange, 2> wanted{bounds.embedded, bounds.code_range};
  const std::vector<Mapping> files = ExecutableFiles(wanted);
  const auto original = std::find_if(files.begin(), files.end(), [&](const Mapping& mapping) {
    return AddressRange{mapping.start, mapping.limit}.Contains(bounds.embedded.start);
  });
  for (const Mapping& mapping : files) {
    bool copy = original != files.end() && bounds.code_range.Contains(mapping.start) &&
                mapping.path == original->path;
    if (!copy) continue;
    resolver_options->builtins_copy = {mapping.start, mapping.limit};
    resolver_options->copy_to_embedded =
        (original->start - original->file_offset) - (mapping.start - mapping.file_offset);
  }
  NativeCode::Get().Update();
  bounds.native = &NativeCode::Get();
  bounds.exit_frame_slot = FindExitFrameSlot(isolate, bounds);
  return bounds;
}

}  // namespace hotspan
