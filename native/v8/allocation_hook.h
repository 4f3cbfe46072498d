#pragma once

#include <v8.h>

#include <cstddef>
#include <cstdint>

namespace hotspan {

// Tells of each allocation that V8's heap sampler would sample, at the moment it
// would: the stack is there then, with its lines and inlined functions, of which V8
// itself keeps only the functions that have a frame of their own. V8 then takes no
// sample.
//
// V8's sampler is an observer object with a table of virtual functions; it gets a
// copy of that table in which the call on a sample leads here.
class AllocationHook {
 public:
  // Isolate's thread, inside V8's allocator: no local handles, no allocation in V8's
  // heap.
  struct Listener {
    // Where the objects will be, untagged; their size in bytes; what was allocated in
    // their space since the sample before.
    void (*on_sample)(void* data, uint64_t address, size_t size, size_t since) = nullptr;
    // After each sample: how many bytes on the next one of its space is, given what
    // V8 drew for its interval.
    size_t (*next_distance)(void* data, size_t drawn) = nullptr;
    void* data = nullptr;
  };

  // REQUIRES: V8's sampler of this thread's isolate was just started. False when
  // its observer is not found; nothing is changed then. `observer_table`: see
  // Builtins::heap_observer_table(). Ends when V8's sampler is stopped.
  static bool Install(v8::Isolate* isolate, uint64_t observer_table, const Listener& listener);
  // Whether V8's sampler of this thread's isolate is still the one it was installed in: false after
  // another tool stopped that, whether it started one of its own or not.
  static bool IsInstalled();
  // V8's Heap of this thread's isolate, while installed; null when it was not
  // recognized.
  static void* heap();
  // Before V8's sampler is stopped.
  static void Uninstall();
};

}  // namespace hotspan
