#include "allocation_hook.h"

#include <array>
#include <atomic>
#include <cstring>

#include "../platform/guarded_read.h"

namespace hotspan {
namespace {

// v8::internal::AllocationObserver (src/heap/allocation-observer.h), the same in
// every V8 that hotspan knows: two destructors, Step, GetNextStepSize; before
// them the offset to the top and the type information.
constexpr size_t kBefore = 2, kStep = 2, kNextStepSize = 3, kTableWords = 6;

using Step = void (*)(void* self, int bytes_allocated, uintptr_t soon_object, size_t size);
using NextStepSize = intptr_t (*)(void* self);

struct Table {
  std::array<uint64_t, kTableWords> words;
  uint64_t functions() const { return reinterpret_cast<uint64_t>(words.data() + kBefore); }
};

// One copy for all isolates; the originals are set before it is used.
Table g_table;
std::atomic<Step> g_step{nullptr};
std::atomic<NextStepSize> g_next_step_size{nullptr};

struct Found {
  uint64_t pointer = 0;   // the word of HeapProfiler that points to the sampler
  uint64_t sampler = 0;   // SamplingHeapProfiler
  uint64_t observer = 0;  // the word that holds its table
};

struct Target {
  AllocationHook::Listener listener;
  void* heap = nullptr;
  Found found;
};
thread_local Target t_target;

void RedirectedStep(void* self, int bytes_allocated, uintptr_t soon_object, size_t size) {
  const AllocationHook::Listener& listener = t_target.listener;
  // V8 would take a sample of its own: a stack, a handle, a callback when it dies.
  if (listener.on_sample == nullptr) {
    return g_step.load(std::memory_order_relaxed)(self, bytes_allocated, soon_object, size);
  }
  // Without an object V8 takes no sample.
  if (soon_object != 0) {
    listener.on_sample(listener.data, soon_object, size, static_cast<size_t>(bytes_allocated));
  }
}

intptr_t RedirectedNextStepSize(void* self) {
  const intptr_t drawn = g_next_step_size.load(std::memory_order_relaxed)(self);
  const AllocationHook::Listener& listener = t_target.listener;
  if (listener.next_distance == nullptr) return drawn;
  return static_cast<intptr_t>(listener.next_distance(listener.data, static_cast<size_t>(drawn)));
}

bool PrepareTable(uint64_t observer_table) {
  static const bool prepared = [&] {
    if (!GuardedRead(observer_table, g_table.words.data(), sizeof g_table.words)) return false;
    uint64_t* functions = g_table.words.data() + kBefore;
    g_step.store(reinterpret_cast<Step>(functions[kStep]), std::memory_order_release);
    g_next_step_size.store(reinterpret_cast<NextStepSize>(functions[kNextStepSize]), std::memory_order_release);
    functions[kStep] = reinterpret_cast<uint64_t>(&RedirectedStep);
    functions[kNextStepSize] = reinterpret_cast<uint64_t>(&RedirectedNextStepSize);
    return true;
  }();
  return prepared;
}

// HeapProfiler has a pointer to SamplingHeapProfiler, of which the observer is a
// part. Zeros when there is none.
Found FindObserver(uint64_t heap_profiler, uint64_t functions) {
  constexpr size_t kProfilerWords = 64, kSamplerWords = 96;
  std::array<uint64_t, kProfilerWords> profiler{};
  std::array<uint64_t, kSamplerWords> sampler{};
  for (size_t i = 0; i < kProfilerWords; ++i) {
    if (!GuardedRead(heap_profiler + i * 8, &profiler[i], 8)) break;
    const uint64_t candidate = profiler[i];
    if (candidate % 8 != 0 || candidate < 4096) continue;
    for (size_t j = 0; j < kSamplerWords; ++j) {
      if (!GuardedRead(candidate + j * 8, &sampler[j], 8)) break;
      if (sampler[j] == functions) return {heap_profiler + i * 8, candidate, candidate + j * 8};
    }
  }
  return {};
}

}  // namespace

bool AllocationHook::Install(v8::Isolate* isolate, uint64_t observer_table,
                             const Listener& listener) {
  if (observer_table == 0 || !PrepareTable(observer_table)) return false;
  const Found found = FindObserver(reinterpret_cast<uint64_t>(isolate->GetHeapProfiler()),
                                   observer_table + kBefore * sizeof(uint64_t));
  if (found.observer == 0) return false;
  // It begins with the isolate and its heap.
  auto** first = reinterpret_cast<void**>(found.sampler);
  t_target = {listener, first[0] == isolate ? first[1] : nullptr, found};
  *reinterpret_cast<uint64_t*>(found.observer) = g_table.functions();
  return true;
}

bool AllocationHook::IsInstalled() {
  const Found& found = t_target.found;
  const auto word = [](uint64_t address) { return *reinterpret_cast<const uint64_t*>(address); };
  // A sampler that HeapProfiler points to lives; a new one may stand where the old one was.
  return found.pointer != 0 && word(found.pointer) == found.sampler && word(found.observer) == g_table.functions();
}

void* AllocationHook::heap() { return t_target.heap; }

void AllocationHook::Uninstall() { t_target = {}; }

}  // namespace hotspan
