#include "native_code.h"

#include <link.h>

#include <algorithm>

#include "address_range.h"

namespace hotspan {
namespace {

// For the handler: a function-local static would be guarded.
std::atomic<const NativeCode*> g_code{nullptr};

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

// The executable segments of the binary, its libraries and addons, ascending. Not
// from /proc/self/maps, which grows with the heap.
std::vector<AddressRange> CodeOfFiles() {
  std::vector<AddressRange> code;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* out) {
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const ElfW(Phdr)& segment = info->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
          const uint64_t start = info->dlpi_addr + segment.p_vaddr;
          static_cast<std::vector<AddressRange>*>(out)->push_back({start, start + segment.p_memsz});
        }
        return 0;
      },
      &code);
  std::sort(code.begin(), code.end(), [](const AddressRange& a, const AddressRange& b) { return a.start < b.start; });
  return code;
}

}  // namespace

NativeCode& NativeCode::Get() {
  static auto* code = [] {
    auto* made = new NativeCode;
    g_code.store(made, std::memory_order_release);
    return made;
  }();
  return *code;
}

const NativeCode* NativeCode::Current_signal() { return g_code.load(std::memory_order_acquire); }

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

void NativeCode::Update() {
  std::lock_guard lock(mutex_);
  uint64_t loads = LoadsAndUnloads();
  if (all_.size() >= kMaxUpdates || (!all_.empty() && loads == loads_)) return;
  loads_ = loads;
  const std::vector<AddressRange> code = CodeOfFiles();
  auto ranges = std::make_unique<Ranges>();
  for (const AddressRange& range : code) {
    if (ranges->count == Ranges::kMax) break;
    ranges->start[ranges->count] = range.start;
    ranges->limit[ranges->count++] = range.limit;
  }
  current_.store(ranges.get(), std::memory_order_release);
  all_.push_back(std::move(ranges));
}

}  // namespace hotspan
