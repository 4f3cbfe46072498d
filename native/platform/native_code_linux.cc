#include "native_code.h"

#include <link.h>

namespace hotspan {
namespace {

// Libraries loaded and unloaded so far.
uint64_t LoadsAndUnloads() {
  uint64_t count = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t size, void* out) {
        if (size >= offsetof(dl_phdr_info, dlpi_subs) + sizeof info->dlpi_subs) {
          *static_cast<uint64_t*>(out) = info->dlpi_adds + info->dlpi_subs;
        }
        return 1;  // the same in every entry
      },
      &count);
  return count;
}

}  // namespace

NativeCode& NativeCode::Get() {
  static auto* code = new NativeCode;
  return *code;
}

bool NativeCode::Contains_signal(uint64_t pc) const {
  const Ranges* ranges = current_.load(std::memory_order_acquire);
  if (ranges == nullptr) return false;
  size_t low = 0, high = ranges->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (ranges->limit[middle] <= pc) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < ranges->count && pc >= ranges->start[low];
}

void NativeCode::Set(const std::vector<Mapping>& mappings) {
  std::lock_guard lock(mutex_);
  uint64_t loads = LoadsAndUnloads();
  if (all_.size() >= kMaxUpdates || (!all_.empty() && loads == loads_)) return;
  loads_ = loads;
  auto ranges = std::make_unique<Ranges>();
  for (const Mapping& mapping : mappings) {
    // Anonymous memory with code is generated code.
    if (mapping.path.empty() || ranges->count == Ranges::kMax) continue;
    ranges->start[ranges->count] = mapping.start;
    ranges->limit[ranges->count++] = mapping.limit;
  }
  current_.store(ranges.get(), std::memory_order_release);
  all_.push_back(std::move(ranges));
}

void NativeCode::Update() {
  {
    std::lock_guard lock(mutex_);
    if (!all_.empty() && LoadsAndUnloads() == loads_) return;
  }
  Set(ExecutableMappings());
}

}  // namespace hotspan
