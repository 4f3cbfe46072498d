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

size_t CodeTable::Hash::operator()(const JsKey& key) const {
  const uint64_t place = static_cast<uint64_t>(key.line) << 32 | key.column;
  return MixBits(MixBits(place) ^ key.function);
}

size_t CodeTable::Hash::operator()(const FunctionKey& key) const {
  const uint64_t names = static_cast<uint64_t>(key.name) << 32 | key.file;
  const uint64_t place = static_cast<uint64_t>(key.line) << 32 | key.column;
  const uint64_t source = static_cast<uint64_t>(key.script) << 32 | static_cast<uint32_t>(key.literal_id);
  return MixBits(MixBits(MixBits(place) ^ names) ^ source);
}

ScriptId CodeTable::AddScript(Script script) {
  const uint64_t url_hash = std::hash<std::string_view>{}(script.source_map_url);
  const uint64_t hash = MixBits(url_hash ^ MixBits(script.file));
  std::lock_guard lock(mutex_);
  const auto [first, last] = script_ids_.equal_range(hash);
  for (auto known = first; known != last; ++known) {
    const ScriptSlot& other = scripts_[known->second];
    if (other.file != script.file || other.url_hash != url_hash || other.url_size != script.source_map_url.size()) continue;
    if (!script.source_map_url.empty() && !urls_.contains(known->second)) {
      KeepUrl_locked(known->second, std::move(script.source_map_url));
    }
    return known->second;
  }
  const size_t index = scripts_.Push(ScriptSlot{script.file, url_hash, script.source_map_url.size()});
  if (index == scripts_.kCapacity) return kNoId;
  const auto id = static_cast<ScriptId>(index);
  script_ids_.emplace(hash, id);
  if (!script.source_map_url.empty()) KeepUrl_locked(id, std::move(script.source_map_url));
  return id;
}

void CodeTable::KeepUrl_locked(ScriptId id, std::string url) {
  url_bytes_ += url.size();
  urls_.emplace(id, std::make_shared<const std::string>(std::move(url)));
  urls_by_age_.push_back(id);
  // One alone may be larger than all should be.
  while (url_bytes_ > kMaxMapBytes && urls_by_age_.size() > 1) {
    const auto oldest = urls_.find(urls_by_age_.front());
    url_bytes_ -= oldest->second->size();
    urls_.erase(oldest);
    urls_by_age_.pop_front();
  }
}

std::shared_ptr<const std::string> CodeTable::SourceMapUrl(ScriptId id) const {
  std::lock_guard lock(mutex_);
  const auto known = urls_.find(id);
  return known != urls_.end() ? known->second : nullptr;
}

FunctionId CodeTable::AddFunction(const Function& function) {
  std::lock_guard lock(mutex_);
  return AddFunction_locked(function);
}

FunctionId CodeTable::AddFunction_locked(const Function& function) {
  const FunctionKey key{function.script, function.literal_id, function.name,
                        function.file,   function.start_line, function.start_column};
  const auto found = function_ids_.find(key);
  if (found != function_ids_.end()) return found->second;
  const size_t index = functions_.Push(function);
  if (index == functions_.kCapacity) return kNoId;
  const auto id = static_cast<FunctionId>(index);
  function_ids_.emplace(key, id);
  return id;
}

template <typename Map>
LocationId CodeTable::FindOrAdd_locked(Map& map, const typename Map::key_type& key,
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
  std::lock_guard lock(mutex_);
  return FindOrAdd_locked(js_locations_, JsKey{function, line, column},
                   Location{.kind = LocationKind::kJs,
                            .function = function,
                            .line = line,
                            .column = column});
}

LocationId CodeTable::NativeLocation(uint64_t address) {
  std::lock_guard lock(mutex_);
  return FindOrAdd_locked(native_locations_, address,
                   Location{.kind = LocationKind::kNative, .address = address});
}

LocationId CodeTable::SyntheticLocation(std::string_view name) {
  const StringId id = strings_.Intern(name);
  std::lock_guard lock(mutex_);
  const auto found = synthetic_locations_.find(id);
  if (found != synthetic_locations_.end()) return found->second;
  const FunctionId function = AddFunction_locked({.name = id});
  if (function == kNoId) return kNoId;
  return FindOrAdd_locked(synthetic_locations_, id,
                   Location{.kind = LocationKind::kSynthetic, .function = function});
}

void CodeTable::RenameFunction(FunctionId function, StringId name) {
  if (function >= functions_.size()) return;
  // Release: a reader that sees the id may also read the string's bytes.
  functions_[function].name.store(name, std::memory_order_release);
}

void CodeTable::SetMapped(LocationId location, const MappedLocation& mapped) {
  std::lock_guard lock(mutex_);
  if (location >= locations_.size()) return;
  const MappedLocation* known = this->mapped(location);
  if (known != nullptr && *known == mapped) return;
  // A reader may hold the old entry, so a change is a new entry.
  const size_t index = mapped_.Push(mapped);
  if (index == mapped_.kCapacity) return;
  locations_[location].mapped.store(static_cast<uint32_t>(index), std::memory_order_release);
}

const MappedLocation* CodeTable::mapped(LocationId id) const {
  if (id >= locations_.size()) return nullptr;
  const uint32_t index = locations_[id].mapped.load(std::memory_order_acquire);
  return index == kNoId ? nullptr : &mapped_[index];
}

size_t CodeTable::bytes_held() const {
  std::lock_guard lock(mutex_);
  return strings_.bytes_held() + scripts_.bytes_held() + functions_.bytes_held() + locations_.bytes_held() +
         mapped_.bytes_held() + url_bytes_ + MapBytes(urls_) + urls_by_age_.size() * sizeof(ScriptId) + MapBytes(script_ids_) +
         MapBytes(function_ids_) + MapBytes(js_locations_) + MapBytes(native_locations_) +
         MapBytes(synthetic_locations_);
}

}  // namespace hotspan
