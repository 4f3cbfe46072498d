#include "code_table.h"

#include "flat_index.h"

namespace hotspan {
namespace {

// Node sizes of libstdc++'s unordered_map with malloc's rounding; close
// enough for a number that tells the user where memory went.
constexpr size_t kMapNodeBytes = 48;

template <typename Map>
size_t MapBytes(const Map& map) {
  return map.size() * kMapNodeBytes + map.bucket_count() * sizeof(void*);
}

}  // namespace

size_t CodeTable::JsKeyHash::operator()(const JsKey& key) const {
  const uint64_t place = static_cast<uint64_t>(key.line) << 32 | key.column;
  return MixBits(MixBits(place) ^ key.function);
}

FunctionId CodeTable::AddFunction(const Function& function) {
  const size_t index = functions_.Push(function);
  return index == functions_.kCapacity ? kNoId : static_cast<FunctionId>(index);
}

template <typename Map>
LocationId CodeTable::FindOrAdd(Map& map, const typename Map::key_type& key,
                                const Location& location) {
  const auto found = map.find(key);
  if (found != map.end()) return found->second;
  const size_t index = locations_.Push(location);
  if (index == locations_.kCapacity) return kNoId;
  const auto id = static_cast<LocationId>(index);
  map.emplace(key, id);
  return id;
}

LocationId CodeTable::JsLocation(FunctionId function, uint32_t line, uint32_t column) {
  return FindOrAdd(js_locations_, JsKey{function, line, column},
                   Location{.kind = LocationKind::kJs,
                            .function = function,
                            .line = line,
                            .column = column});
}

LocationId CodeTable::NativeLocation(uint64_t address) {
  return FindOrAdd(native_locations_, address,
                   Location{.kind = LocationKind::kNative, .address = address});
}

LocationId CodeTable::SyntheticLocation(std::string_view name) {
  const StringId id = strings_.Intern(name);
  const auto found = synthetic_locations_.find(id);
  if (found != synthetic_locations_.end()) return found->second;
  const FunctionId function = AddFunction({.name = id});
  if (function == kNoId) return kNoId;
  return FindOrAdd(synthetic_locations_, id,
                   Location{.kind = LocationKind::kSynthetic, .function = function});
}

void CodeTable::RenameFunction(FunctionId function, StringId name) {
  // Release: a reader that sees the id may also read the string's bytes.
  functions_[function].name.store(name, std::memory_order_release);
}

void CodeTable::SetMapped(LocationId location, const MappedLocation& mapped) {
  const MappedLocation* known = this->mapped(location);
  if (known != nullptr && *known == mapped) return;
  // A reader may hold the old entry, so a change is a new entry.
  const size_t index = mapped_.Push(mapped);
  if (index == mapped_.kCapacity) return;
  locations_[location].mapped.store(static_cast<uint32_t>(index), std::memory_order_release);
}

const MappedLocation* CodeTable::mapped(LocationId id) const {
  const uint32_t index = locations_[id].mapped.load(std::memory_order_acquire);
  return index == kNoId ? nullptr : &mapped_[index];
}

size_t CodeTable::bytes_held() const {
  return strings_.bytes_held() + functions_.bytes_held() + locations_.bytes_held() +
         mapped_.bytes_held() + MapBytes(js_locations_) + MapBytes(native_locations_) +
         MapBytes(synthetic_locations_);
}

}  // namespace hotspan
