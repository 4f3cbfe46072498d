#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace hotspan {

// A function or object symbol of an ELF file.
struct ElfSymbol {
  const char* name;  // mangled; valid during the visit only. Reading it is what costs
  uint64_t address;       // virtual address in the file
  uint64_t size;
  bool is_data;           // not a function
};

// A mapped ELF file (64-bit little-endian). Cheap to open, reads lazily; keep
// it only while needed, the mapping counts as resident memory.
class ElfFile {
 public:
  // Null when the file cannot be mapped or is not such an ELF file.
  static std::unique_ptr<ElfFile> Open(const std::string& path);
  ~ElfFile();
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;

  // Calls `visit` for each defined symbol of .symtab, or of .dynsym when the
  // file is stripped.
  void VisitSymbols(const std::function<void(const ElfSymbol&)>& visit) const;

  // Virtual address of a file offset, by the program headers; 0 when none.
  uint64_t AddressOfOffset(uint64_t file_offset) const;

  // Lower-case hex of the GNU build id; empty when there is none.
  std::string build_id() const;

  // Whether the file has a full symbol table.
  bool has_symtab() const;

 private:
  ElfFile(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  struct Table;
  bool FindTable(uint32_t type, Table* out) const;

  const uint8_t* data_;
  size_t size_;
};

}  // namespace hotspan
