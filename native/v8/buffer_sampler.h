#pragma once

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>

#include "../core/code_table.h"
#include "allocation_stacks.h"
#include "stack_source.h"

namespace hotspan {

// Samples the memory of ArrayBuffers (Buffers, typed arrays), which lies
// outside V8's heap and which V8's own sampler does not see: of a Buffer it
// counts some hundred bytes.
//
// The isolate's allocator gets a copy of its own table of virtual functions in
// which allocating and freeing lead through here. An allocation of `size` bytes
// is sampled with probability 1-exp(-size/interval), as V8 does it. Not seen:
// memory that a native addon brings along, WebAssembly's, resizable buffers'.
class BufferSampler {
 public:
  BufferSampler(v8::Isolate* isolate, std::shared_ptr<CodeTable> code, StackSource& source);
  ~BufferSampler();
  BufferSampler(const BufferSampler&) = delete;
  BufferSampler& operator=(const BufferSampler&) = delete;

  // False where the allocator is not as expected; nothing is changed then.
  // Isolate's thread, as all below.
  bool Start(uint64_t interval_bytes);
  void Stop();

  AllocationStacks& stacks() { return stacks_; }
  // What is live, by stack; returns the number of samples.
  uint64_t SumLive(AllocationStacks::Sums* live) const;

  size_t bytes_held() const;

  // Called by the replaced virtual functions.
  void OnAllocated(void* data, size_t size);

 private:
  double NextDistance();

  v8::Isolate* isolate_;
  StackSource& source_;
  bool started_ = false;
  bool sampling_ = false;  // inside a sample: finding the stack may allocate
  double interval_ = 0;
  double distance_ = 0;  // bytes to the next sample
  std::minstd_rand random_;
  AllocationStacks stacks_;
};

}  // namespace hotspan
