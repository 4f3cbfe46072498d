#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hotspan {

// A function or object symbol of an ELF file.
struct ElfSymbol {
  uint32_t name;     // for NameOf()
  uint64_t address;  // virtual address in the file
  uint64_t size;
  bool is_data;      // not a function
};

// Reads an ELF file (64-bit little-endian) piece by piece: a mapping of the
// node binary's symbols would count as 10 MB of resident memory while it is
// read, and a file cut short meanwhile would be a SIGBUS. One thread.
class ElfFile {
 public:
  // Null when the file cannot be read or is not such an ELF file.
  static std::unique_ptr<ElfFile> Open(const std::string& path);
  ~ElfFile();
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;

  // Calls `visit` for each defined symbol of .symtab, or of .dynsym when the
  // file is stripped.
  void VisitSymbols(const std::function<void(const ElfSymbol&)>& visit);

  // The mangled name of a visited symbol. Linkers scatter the names: for many,
  // ask for VisitNames().
  std::string NameOf(const ElfSymbol& symbol);

  // Sorts visited symbols by where their names are, and calls `visit` for each:
  // the file is read from front to back, which a disk does many times faster.
  void VisitNames(std::vector<ElfSymbol>& symbols,
                  const std::function<void(const ElfSymbol&, const std::string& name)>& visit);

  // Whether the file has all its symbols, not only those it exports.
  bool has_all_symbols() const { return has_all_symbols_; }

  // Virtual address of a file offset, by the program headers; 0 when none.
  uint64_t AddressOfOffset(uint64_t file_offset) const;

  // Lower-case hex of the GNU build id; empty when there is none.
  std::string build_id() const;

 private:
  struct Range {
    uint64_t offset = 0, size = 0;
  };
  struct Segment {
    uint32_t type;
    uint64_t offset, address, file_size;
  };

  explicit ElfFile(int fd) : fd_(fd) {}
  bool ReadHeaders();
  // As many bytes as there are, up to `size`.
  size_t Read(uint64_t offset, void* out, size_t size) const;
  // Has the kernel fetch what is about to be read piece by piece.
  void Fetch(uint64_t offset, uint64_t size) const;

  int fd_;
  std::vector<Segment> segments_;
  Range symbols_, strings_;
  bool has_all_symbols_ = false;
  // The piece of the string table that was read last.
  std::vector<char> names_;
  uint64_t names_at_ = 0;
};

}  // namespace hotspan
