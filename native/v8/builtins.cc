#include "builtins.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstring>
#include <optional>
#include <system_error>
#include <thread>

#include "../platform/elf_symbols.h"
#include "../platform/memory_map.h"

namespace hotspan {
namespace {

constexpr std::string_view kBytecodeSizesSymbol =
    "_ZN2v88internal11interpreter9Bytecodes14kBytecodeSizesE";

// Node 26 has 2,415 with names of 66 KB. Room for more, taken at once: what
// vectors leave behind as they grow stays in the loading thread's malloc arena.
constexpr size_t kExpectedBuiltins = 2560, kExpectedNameBytes = 72 * 1024;
// Node 22 has 20,856 symbols that are worth a look at their names.
constexpr size_t kExpectedCandidates = 24 * 1024;
constexpr std::string_view kHeapObserverSymbol = "_ZTVN2v88internal20SamplingHeapProfiler8ObserverE";
constexpr std::string_view kNearHeapLimitSymbol = "_ZN2v88internal4Heap27InvokeNearHeapLimitCallbackEv";

// 27 bytes on Node 22, which has the rest elsewhere; 604 to 1008 on the others.
bool LikeNearHeapLimit(uint64_t size) { return size == 27 || (size >= 560 && size <= 1100); }

// Two words, two destructors, two functions.
constexpr uint64_t kHeapObserverSize = 48;

// V8 11 has 198, V8 14 212; a bytecode is one byte.
constexpr uint64_t kFewestBytecodes = 150, kMostBytecodes = 256;

// Load address minus address in the file, of the running executable.
std::optional<uint64_t> LoadBias(const ElfFile& file, const std::string& path) {
  for (const Mapping& mapping : ExecutableMappings()) {
    if (mapping.path == path) return mapping.start - file.AddressOfOffset(mapping.file_offset);
  }
  return std::nullopt;  // replaced on disk while it runs
}

bool Interprets(std::string_view name) {
  return name.starts_with("Interpreter") || name.ends_with("Handler") ||
         name.starts_with("BaselineOrInterpreter");
}

struct Holder {
  std::string_view prefix;   // in builtin names
  std::string_view js_name;  // in JS
  bool methods_by_default;   // "ArrayMap" is Array.prototype.map
};

// Longest prefix first where one begins another.
constexpr std::array kHolders = {
    Holder{"AsyncGenerator", "AsyncGenerator", true},
    Holder{"AsyncIterator", "AsyncIterator", true},
    Holder{"ArrayBuffer", "ArrayBuffer", false},
    Holder{"ArrayIterator", "%ArrayIterator%", true},
    Holder{"Array", "Array", true},
    Holder{"Atomics", "Atomics", false},
    Holder{"BigInt", "BigInt", false},
    Holder{"Boolean", "Boolean", false},
    Holder{"DataView", "DataView", true},
    Holder{"Date", "Date", false},
    Holder{"Error", "Error", false},
    Holder{"FinalizationRegistry", "FinalizationRegistry", true},
    Holder{"Function", "Function", false},
    Holder{"Generator", "Generator", true},
    Holder{"Iterator", "Iterator", false},
    Holder{"Json", "JSON", false},
    Holder{"MapIterator", "%MapIterator%", true},
    Holder{"Map", "Map", false},
    Holder{"Math", "Math", false},
    Holder{"Number", "Number", false},
    Holder{"Object", "Object", false},
    Holder{"Promise", "Promise", false},
    Holder{"Proxy", "Proxy", false},
    Holder{"Reflect", "Reflect", false},
    Holder{"RegExp", "RegExp", false},
    Holder{"SetIterator", "%SetIterator%", true},
    Holder{"Set", "Set", false},
    Holder{"SharedArrayBuffer", "SharedArrayBuffer", false},
    Holder{"StringIterator", "%StringIterator%", true},
    Holder{"String", "String", false},
    Holder{"Symbol", "Symbol", false},
    Holder{"TypedArray", "TypedArray", false},
    Holder{"WeakMap", "WeakMap", false},
    Holder{"WeakRef", "WeakRef", false},
    Holder{"WeakSet", "WeakSet", false},
};

constexpr std::array kArrayStatics = {"From", "FromAsync", "IsArray", "Of"};

std::string LowerFirst(std::string_view text) {
  std::string out(text);
  if (!out.empty()) out[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[0])));
  return out;
}

}  // namespace

void Builtins::LoadInBackground(uint64_t start, uint64_t limit) {
  // Signals of the app are not this thread's to handle.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  auto load = [=, this] {
    pthread_setname_np(pthread_self(), "hotspan");  // whose work it is
    Load(start, limit);
    loaded_.store(true, std::memory_order_release);
  };
  try {
    std::thread(load).detach();
  } catch (const std::system_error&) {
    Load(start, limit);  // no thread to be had
    loaded_.store(true, std::memory_order_release);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

bool Builtins::WaitUntilLoaded(int patience_ms) const {
  for (int i = 0; i < patience_ms && !loaded(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return loaded();
}

void Builtins::Load(uint64_t start, uint64_t limit) {
  std::string path = ExecutablePath();
  std::unique_ptr<ElfFile> file = ElfFile::Open(path);
  if (file == nullptr) return;
  std::optional<uint64_t> found = LoadBias(*file, path);
  if (!found) return;
  uint64_t bias = *found;
  builtins_.reserve(kExpectedBuiltins);
  names_.reserve(kExpectedNameBytes);
  // By address and size first: the names are 10 MB, mostly of others.
  const auto in_blob = [&](const ElfSymbol& symbol) {
    return symbol.address + bias >= start && symbol.address + bias < limit;
  };
  std::vector<ElfSymbol> candidates;
  candidates.reserve(kExpectedCandidates);
  file->VisitSymbols([&](const ElfSymbol& symbol) {
    bool like_sizes = symbol.is_data && symbol.size % 3 == 0 && symbol.size >= 3 * kFewestBytecodes &&
                      symbol.size <= 3 * kMostBytecodes;
    bool like_observer = symbol.is_data && symbol.size == kHeapObserverSize;
    bool like_limit = !symbol.is_data && LikeNearHeapLimit(symbol.size);
    if (in_blob(symbol) || like_sizes || like_observer || like_limit) candidates.push_back(symbol);
  });
  file->VisitNames(candidates, [&](const ElfSymbol& symbol, std::string_view full) {
    if (in_blob(symbol) && full.starts_with(kBuiltinSymbolPrefix)) {
      std::string_view name = full.substr(kBuiltinSymbolPrefix.size());
      builtins_.push_back({symbol.address + bias, static_cast<uint32_t>(symbol.size),
                           static_cast<uint32_t>(names_.size()), Interprets(name)});
      names_.insert(names_.end(), name.begin(), name.end());
      names_.push_back('\0');
    } else if (full == kBytecodeSizesSymbol) {
      bytecode_sizes_.sizes = {reinterpret_cast<const uint8_t*>(symbol.address + bias), symbol.size};
      bytecode_sizes_.count = symbol.size / 3;
    } else if (full == kHeapObserverSymbol) {
      heap_observer_table_ = symbol.address + bias;
    } else if (full == kNearHeapLimitSymbol) {
      near_heap_limit_function_ = symbol.address + bias;
    }
  });
  std::sort(builtins_.begin(), builtins_.end(),
            [](const Builtin& a, const Builtin& b) { return a.start < b.start; });
}

const Builtins::Builtin* Builtins::Find(uint64_t address) const {
  static constexpr Builtin kUnread{};
  if (!loaded()) return &kUnread;
  auto after = std::upper_bound(builtins_.begin(), builtins_.end(), address,
                                [](uint64_t a, const Builtin& b) { return a < b.start; });
  if (after == builtins_.begin()) return nullptr;
  const Builtin& builtin = *std::prev(after);
  // A call as the last instruction returns to the byte after the builtin.
  return address - builtin.start <= builtin.size ? &builtin : nullptr;
}

std::string JsNameOfBuiltin(std::string_view builtin) {
  for (const Holder& holder : kHolders) {
    if (!builtin.starts_with(holder.prefix)) continue;
    std::string_view rest = builtin.substr(holder.prefix.size());
    if (rest == "Constructor") return std::string(holder.js_name);
    if (rest.empty() || !std::isupper(static_cast<unsigned char>(rest[0]))) continue;
    std::string name(holder.js_name);
    constexpr std::string_view kPrototype = "Prototype";
    bool is_static = std::find(kArrayStatics.begin(), kArrayStatics.end(), rest) != kArrayStatics.end();
    if (rest.starts_with(kPrototype) && rest.size() > kPrototype.size()) {
      name += ".prototype";
      rest.remove_prefix(kPrototype.size());
    } else if (holder.methods_by_default && !is_static) {
      name += ".prototype";
    }
    return name + "." + LowerFirst(rest);
  }
  return std::string(builtin);
}

std::string JsFunctionOfBuiltin(std::string_view builtin) {
  std::string name = JsNameOfBuiltin(builtin);
  if (name == builtin && name.find('.') == std::string::npos) name.clear();
  return name;
}

}  // namespace hotspan
