#include "string_table.h"

#include <cstring>
#include <functional>
#include <mutex>

#include "flat_index.h"

namespace hotspan {
namespace {

constexpr std::string_view kFullText = "(string table full)";
constexpr size_t kBlockBytes = 16 * 1024;
// A profiled process must not grow without bound because it makes scripts
// with ever new names.
constexpr size_t kMaxBytes = 64 * 1024 * 1024;

}  // namespace

struct StringTable::Impl {
  struct Entry {
    const char* data = nullptr;
    size_t size = 0;
  };
  using Entries = StableVector<Entry, 1024, 1024>;

  std::mutex mutex;  // guards all but reading the entries
  Entries entries;
  FlatIndex index{512};
  std::vector<std::unique_ptr<char[]>> blocks;
  char* block_at = nullptr;
  size_t block_left = 0;
  size_t block_bytes = 0;
  StringId full_id = 0;  // 0 until it is needed

  static uint64_t Hash(std::string_view text) { return std::hash<std::string_view>{}(text); }

  std::string_view Get(StringId id) const {
    const Entry& entry = entries[id];
    return {entry.data, entry.size};
  }

  char* Allocate(size_t size) {
    // A long string gets a block of its own, so that the rest of the current
    // one is not thrown away.
    if (size > kBlockBytes / 4) {
      block_bytes += size;
      return blocks.emplace_back(new char[size]).get();
    }
    if (size > block_left) {
      block_bytes += kBlockBytes;
      block_at = blocks.emplace_back(new char[kBlockBytes]).get();
      block_left = kBlockBytes;
    }
    char* result = block_at;
    block_at += size;
    block_left -= size;
    return result;
  }

  StringId Append(std::string_view text, uint64_t hash) {
    char* copy = nullptr;
    if (!text.empty()) {
      copy = Allocate(text.size());
      std::memcpy(copy, text.data(), text.size());
    }
    const auto id = static_cast<StringId>(entries.Push(copy, text.size()));
    index.Insert(hash, id);
    return id;
  }

  // One entry is kept back for the text that says that the table is full.
  bool HasRoomFor(size_t size) const {
    return entries.size() + 1 < Entries::kCapacity && size <= kMaxBytes &&
           block_bytes <= kMaxBytes - size;
  }
};

StringTable::StringTable() : impl_(std::make_unique<Impl>()) {
  impl_->Append({}, Impl::Hash({}));
}

StringTable::~StringTable() = default;

StringId StringTable::Intern(std::string_view text) {
  const uint64_t hash = Impl::Hash(text);
  std::lock_guard lock(impl_->mutex);
  const uint32_t found =
      impl_->index.Find(hash, [&](uint32_t id) { return impl_->Get(id) == text; });
  if (found != FlatIndex::kAbsent) return found;
  if (impl_->HasRoomFor(text.size())) return impl_->Append(text, hash);
  if (impl_->full_id == 0) {
    // The text may have been interned as a name of its own.
    const uint64_t full_hash = Impl::Hash(kFullText);
    const uint32_t known = impl_->index.Find(
        full_hash, [&](uint32_t id) { return impl_->Get(id) == kFullText; });
    impl_->full_id =
        known != FlatIndex::kAbsent ? known : impl_->Append(kFullText, full_hash);
  }
  return impl_->full_id;
}

std::string_view StringTable::Get(StringId id) const { return impl_->Get(id); }

size_t StringTable::size() const { return impl_->entries.size(); }

size_t StringTable::bytes_held() const {
  std::lock_guard lock(impl_->mutex);
  return sizeof(Impl) - sizeof(impl_->entries) + impl_->entries.bytes_held() +
         impl_->index.bytes_held() + impl_->block_bytes;
}

}  // namespace hotspan
