#include "buffer_sampler.h"

#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "../core/flat_index.h"
#include "../platform/guarded_read.h"

namespace hotspan {
namespace {

using Allocator = v8::ArrayBuffer::Allocator;

// A sampled buffer that is not freed yet.
struct LiveBuffer {
  const BufferSampler* owner;
  size_t size;
  uint32_t stack;
};

// All sampled buffers of the process: a buffer may be freed on another thread
// than it was allocated on, and after that thread's end. Never destroyed.
class LiveBuffers {
 public:
  static LiveBuffers& Get() {
    static auto* const live = new LiveBuffers;
    return *live;
  }

  void Add(void* data, const LiveBuffer& buffer) {
    Remove(data);  // an address whose release was not seen
    std::lock_guard lock(mutex_);
    buffers_[data] = buffer;
    Filter(data).fetch_add(1, std::memory_order_release);
  }

  // Before the memory is given back: afterwards its address may be anyone's.
  void Remove(void* data) {
    if (Filter(data).load(std::memory_order_acquire) == 0) return;
    std::lock_guard lock(mutex_);
    if (buffers_.erase(data) > 0) Filter(data).fetch_sub(1, std::memory_order_release);
  }

  void RemoveAllOf(const BufferSampler* owner) {
    std::lock_guard lock(mutex_);
    for (auto it = buffers_.begin(); it != buffers_.end();) {
      if (it->second.owner != owner) {
        ++it;
        continue;
      }
      Filter(it->first).fetch_sub(1, std::memory_order_release);
      it = buffers_.erase(it);
    }
  }

  template <typename Visit>
  void ForEachOf(const BufferSampler* owner, Visit&& visit) {
    std::lock_guard lock(mutex_);
    for (const auto& [data, buffer] : buffers_) {
      if (buffer.owner == owner) visit(buffer);
    }
  }

 private:
  // How many sampled addresses share a hash: most releases find 0 and take no
  // lock. Written under the lock, read without.
  std::atomic<uint32_t>& Filter(void* data) {
    return filter_[MixBits(reinterpret_cast<uint64_t>(data)) % filter_.size()];
  }

  std::mutex mutex_;  // guards buffers_; nothing is called under it
  std::unordered_map<void*, LiveBuffer> buffers_;
  std::array<std::atomic<uint32_t>, 4096> filter_{};
};

thread_local BufferSampler* t_sampler = nullptr;

// The functions that are led through here, and where they stand in the table of
// virtual functions. Itanium C++ ABI 2.3: a pointer to a virtual member
// function is 1 plus the offset of its slot in bytes.
template <typename Member>
size_t SlotOf(Member member) {
  static_assert(sizeof member == 2 * sizeof(void*));
  uint64_t words[2];
  std::memcpy(words, &member, sizeof words);
  return static_cast<size_t>((words[0] - 1) / sizeof(void*));
}

// One table for all isolates: Node makes all its allocators of one class. Never
// destroyed: another thread may be inside one of these functions at any time.
struct Redirection {
  static constexpr size_t kBefore = 2;  // offset to top, type information
  static constexpr size_t kAfter = 30;  // more than any allocator has

  void** original = nullptr;
  std::array<void*, kBefore + kAfter> table{};
  void* (*allocate)(Allocator*, size_t) = nullptr;
  void* (*allocate_uninitialized)(Allocator*, size_t) = nullptr;
  void (*free)(Allocator*, void*, size_t) = nullptr;
#if V8_MAJOR_VERSION < 12
  void* (*reallocate)(Allocator*, void*, size_t, size_t) = nullptr;
#endif

  void** redirected() { return table.data() + kBefore; }
};

std::atomic<Redirection*> g_redirection{nullptr};

void* Allocate(Allocator* self, size_t size) {
  void* data = g_redirection.load(std::memory_order_relaxed)->allocate(self, size);
  if (t_sampler != nullptr) t_sampler->OnAllocated(data, size);
  return data;
}

void* AllocateUninitialized(Allocator* self, size_t size) {
  void* data = g_redirection.load(std::memory_order_relaxed)->allocate_uninitialized(self, size);
  if (t_sampler != nullptr) t_sampler->OnAllocated(data, size);
  return data;
}

void Free(Allocator* self, void* data, size_t size) {
  LiveBuffers::Get().Remove(data);
  g_redirection.load(std::memory_order_relaxed)->free(self, data, size);
}

#if V8_MAJOR_VERSION < 12
void* Reallocate(Allocator* self, void* data, size_t old_size, size_t size) {
  LiveBuffers::Get().Remove(data);
  void* moved = g_redirection.load(std::memory_order_relaxed)->reallocate(self, data, old_size, size);
  if (t_sampler != nullptr) t_sampler->OnAllocated(moved, size);
  return moved;
}
#endif

template <typename Function>
void Redirect(Redirection& redirection, size_t slot, Function replacement, Function* original) {
  *original = reinterpret_cast<Function>(redirection.redirected()[slot]);
  redirection.redirected()[slot] = reinterpret_cast<void*>(replacement);
}

Redirection* RedirectionOf(void** original) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  if (Redirection* made = g_redirection.load(std::memory_order_acquire)) {
    return made->original == original ? made : nullptr;
  }
  auto redirection = std::make_unique<Redirection>();
  redirection->original = original;
  if (!GuardedRead(reinterpret_cast<uint64_t>(original - Redirection::kBefore),
                   redirection->table.data(), sizeof redirection->table)) {
    return nullptr;
  }
  Redirect(*redirection, SlotOf(&Allocator::Allocate), Allocate, &redirection->allocate);
  Redirect(*redirection, SlotOf(&Allocator::AllocateUninitialized), AllocateUninitialized,
           &redirection->allocate_uninitialized);
  Redirect(*redirection, SlotOf(&Allocator::Free), Free, &redirection->free);
#if V8_MAJOR_VERSION < 12
  Redirect(*redirection, SlotOf(&Allocator::Reallocate), Reallocate, &redirection->reallocate);
#endif
  Redirection* made = redirection.release();
  g_redirection.store(made, std::memory_order_release);
  return made;
}

// An object's first word points to its class's table of virtual functions.
void**& TableOf(Allocator* allocator) { return *reinterpret_cast<void***>(allocator); }

}  // namespace

BufferSampler::BufferSampler(v8::Isolate* isolate, std::shared_ptr<CodeTable> code,
                             StackSource& source)
    : isolate_(isolate), source_(source), random_(std::random_device{}()), stacks_(std::move(code)) {}

BufferSampler::~BufferSampler() { Stop(); }

bool BufferSampler::Start(uint64_t interval_bytes) {
  if (started_) return true;
  Allocator* allocator = isolate_->GetArrayBufferAllocator();
  if (allocator == nullptr) return false;
  Redirection* redirection = RedirectionOf(TableOf(allocator));
  if (redirection == nullptr) return false;
  interval_ = static_cast<double>(interval_bytes);
  distance_ = NextDistance();
  TableOf(allocator) = redirection->redirected();
  t_sampler = this;
  started_ = true;
  return true;
}

void BufferSampler::Stop() {
  if (!started_) return;
  started_ = false;
  t_sampler = nullptr;
  TableOf(isolate_->GetArrayBufferAllocator()) = g_redirection.load()->original;
  LiveBuffers::Get().RemoveAllOf(this);
  stacks_.Clear();
}

double BufferSampler::NextDistance() {
  const double uniform = std::uniform_real_distribution<>(1e-12, 1.0)(random_);
  return -std::log(uniform) * interval_;
}

void BufferSampler::OnAllocated(void* data, size_t size) {
  if (data == nullptr || size == 0) return;
  distance_ -= static_cast<double>(size);
  if (distance_ > 0 || sampling_) return;
  sampling_ = true;
  distance_ = NextDistance();
  const uint32_t stack = stacks_.Current(source_);
  stacks_.Count(stack, ScaleSample(size, interval_));
  LiveBuffers::Get().Add(data, {this, size, stack});
  sampling_ = false;
}

uint64_t BufferSampler::SumLive(AllocationStacks::Sums* live) const {
  uint64_t samples = 0;
  live->assign(stacks_.allocated().size(), {});
  LiveBuffers::Get().ForEachOf(this, [&](const LiveBuffer& buffer) {
    (*live)[buffer.stack] += ScaleSample(buffer.size, interval_);
    ++samples;
  });
  return samples;
}

size_t BufferSampler::bytes_held() const { return stacks_.bytes_held(); }

}  // namespace hotspan
