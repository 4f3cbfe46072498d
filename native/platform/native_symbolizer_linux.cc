#include "native_symbolizer.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "elf_symbols.h"
#include "memory_map.h"

namespace hotspan {
namespace {

struct Wanted {
  uint64_t address;  // in the file
  size_t index;      // in the caller's list
};

void NameAddresses(const std::string& path, std::vector<Wanted>& wanted, const Mapping& mapping,
                   std::vector<NativeSymbol>& symbols) {
  std::unique_ptr<ElfFile> file = ElfFile::Open(path);
  if (file == nullptr) return;
  std::string build_id = file->build_id();
  for (Wanted& w : wanted) {
    symbols[w.index].build_id = build_id;
    w.address = file->AddressOfOffset(w.address - mapping.start + mapping.file_offset);
  }
  std::sort(wanted.begin(), wanted.end(),
            [](const Wanted& a, const Wanted& b) { return a.address < b.address; });
  file->VisitSymbols([&](const ElfSymbol& symbol) {
    auto first = std::lower_bound(wanted.begin(), wanted.end(), symbol.address,
                                  [](const Wanted& w, uint64_t a) { return w.address < a; });
    // Assembly often leaves the size at 0: then only the exact address is sure.
    uint64_t limit = symbol.address + std::max<uint64_t>(symbol.size, 1);
    for (; first != wanted.end() && first->address < limit; ++first) {
      std::string& name = symbols[first->index].name;
      if (name.empty()) name = file->NameOf(symbol);
    }
  });
}

}  // namespace

std::vector<NativeSymbol> SymbolizeNative(std::span<const uint64_t> addresses) {
  std::vector<NativeSymbol> symbols(addresses.size());
  std::vector<Mapping> mappings = ExecutableMappings();
  std::map<const Mapping*, std::vector<Wanted>> by_mapping;
  for (size_t i = 0; i < addresses.size(); ++i) {
    const Mapping* mapping = FindMapping(mappings, addresses[i]);
    if (mapping == nullptr || mapping->path.empty()) continue;
    NativeSymbol& symbol = symbols[i];
    symbol.file = mapping->path;
    symbol.mapping_start = mapping->start;
    symbol.mapping_limit = mapping->limit;
    symbol.mapping_offset = mapping->file_offset;
    by_mapping[mapping].push_back({addresses[i], i});
  }
  for (auto& [mapping, wanted] : by_mapping) NameAddresses(mapping->path, wanted, *mapping, symbols);
  return symbols;
}

std::string DemangleFunction(std::string_view mangled) {
  std::string name(mangled);
  int status = 0;
  char* demangled = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  if (status != 0 || demangled == nullptr) return name;
  name = demangled;
  std::free(demangled);
  // Cut the parameter list: the last top-level parenthesis that opens after a
  // name. "operator()" and "(anonymous namespace)" hold such too.
  int depth = 0;
  for (size_t i = name.size(); i-- > 0;) {
    if (name[i] == ')') ++depth;
    if (name[i] == '(' && --depth == 0) {
      bool parameters = i > 0 && name.compare(i, 21, "(anonymous namespace)") != 0 &&
                        !(i >= 8 && name.compare(i - 8, 8, "operator") == 0);
      if (parameters) name.resize(i);
      break;
    }
  }
  // Names of templates begin with the return type, which ends at the last blank
  // outside of all brackets ("operator new" and "{lambda() const}" aside).
  int brackets = 0;
  size_t begin = 0;
  for (size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    if (c == '<' || c == '(' || c == '{') ++brackets;
    if (c == '>' || c == ')' || c == '}') --brackets;
    if (name.compare(i, 8, "operator") == 0) break;
    if (c == ' ' && brackets == 0) begin = i + 1;
  }
  return begin < name.size() ? name.substr(begin) : name;
}

}  // namespace hotspan
