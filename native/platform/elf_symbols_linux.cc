#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "elf_symbols.h"

namespace hotspan {
namespace {

// Every offset in the file is unproven: a table is used only when it lies
// within the file.
template <typename T>
const T* ArrayAt(const uint8_t* data, size_t size, uint64_t offset, uint64_t count) {
  if (offset > size || offset % alignof(T) != 0 || count > (size - offset) / sizeof(T)) {
    return nullptr;
  }
  return reinterpret_cast<const T*>(data + offset);
}

}  // namespace

struct ElfFile::Table {
  const Elf64_Sym* symbols;
  size_t count;
  const char* strings;
  size_t strings_size;
};

std::unique_ptr<ElfFile> ElfFile::Open(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  struct stat info;
  void* data = MAP_FAILED;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
      info.st_size >= static_cast<off_t>(sizeof(Elf64_Ehdr))) {
    data = mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
  }
  close(fd);
  if (data == MAP_FAILED) return nullptr;
  std::unique_ptr<ElfFile> file(
      new ElfFile(static_cast<const uint8_t*>(data), static_cast<size_t>(info.st_size)));
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(data);
  if (std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
      header->e_shentsize != sizeof(Elf64_Shdr) || header->e_phentsize != sizeof(Elf64_Phdr)) {
    return nullptr;
  }
  return file;
}

ElfFile::~ElfFile() { munmap(const_cast<uint8_t*>(data_), size_); }

bool ElfFile::FindTable(uint32_t type, Table* out) const {
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(data_);
  const auto* sections = ArrayAt<Elf64_Shdr>(data_, size_, header->e_shoff, header->e_shnum);
  if (sections == nullptr) return false;
  for (size_t i = 0; i < header->e_shnum; ++i) {
    const Elf64_Shdr& section = sections[i];
    if (section.sh_type != type || section.sh_link >= header->e_shnum) continue;
    const Elf64_Shdr& strings = sections[section.sh_link];
    out->count = section.sh_size / sizeof(Elf64_Sym);
    out->symbols = ArrayAt<Elf64_Sym>(data_, size_, section.sh_offset, out->count);
    out->strings = ArrayAt<char>(data_, size_, strings.sh_offset, strings.sh_size);
    out->strings_size = strings.sh_size;
    if (out->symbols != nullptr && out->strings != nullptr && out->strings_size > 0 &&
        out->strings[out->strings_size - 1] == '\0') {
      return true;
    }
  }
  return false;
}

bool ElfFile::has_symtab() const {
  Table table;
  return FindTable(SHT_SYMTAB, &table);
}

void ElfFile::VisitSymbols(const std::function<void(const ElfSymbol&)>& visit) const {
  Table table;
  if (!FindTable(SHT_SYMTAB, &table) && !FindTable(SHT_DYNSYM, &table)) return;
  // Read ahead: page by page, a file not in memory takes ten times as long.
  constexpr uintptr_t kPage = 4096;
  uintptr_t first = reinterpret_cast<uintptr_t>(table.symbols) & ~(kPage - 1);
  madvise(reinterpret_cast<void*>(first), table.count * sizeof(Elf64_Sym) + kPage, MADV_WILLNEED);
  for (size_t i = 0; i < table.count; ++i) {
    const Elf64_Sym& symbol = table.symbols[i];
    int type = ELF64_ST_TYPE(symbol.st_info);
    bool wanted = type == STT_FUNC || type == STT_OBJECT || type == STT_GNU_IFUNC;
    if (!wanted || symbol.st_shndx == SHN_UNDEF || symbol.st_name >= table.strings_size) continue;
    visit({table.strings + symbol.st_name, symbol.st_value, symbol.st_size, type == STT_OBJECT});
  }
}

uint64_t ElfFile::AddressOfOffset(uint64_t file_offset) const {
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(data_);
  const auto* segments = ArrayAt<Elf64_Phdr>(data_, size_, header->e_phoff, header->e_phnum);
  if (segments == nullptr) return 0;
  for (size_t i = 0; i < header->e_phnum; ++i) {
    const Elf64_Phdr& segment = segments[i];
    if (segment.p_type != PT_LOAD || file_offset < segment.p_offset) continue;
    if (file_offset - segment.p_offset < segment.p_filesz) {
      return segment.p_vaddr + (file_offset - segment.p_offset);
    }
  }
  return 0;
}

std::string ElfFile::build_id() const {
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(data_);
  const auto* segments = ArrayAt<Elf64_Phdr>(data_, size_, header->e_phoff, header->e_phnum);
  if (segments == nullptr) return {};
  for (size_t i = 0; i < header->e_phnum; ++i) {
    if (segments[i].p_type != PT_NOTE) continue;
    uint64_t at = segments[i].p_offset;
    uint64_t end = at + segments[i].p_filesz;
    if (end > size_ || end < at) continue;
    while (at + sizeof(Elf64_Nhdr) <= end) {
      Elf64_Nhdr note;
      std::memcpy(&note, data_ + at, sizeof note);
      uint64_t name = at + sizeof note;
      uint64_t text = name + ((uint64_t{note.n_namesz} + 3) & ~uint64_t{3});
      uint64_t next = text + ((uint64_t{note.n_descsz} + 3) & ~uint64_t{3});
      if (next > end) break;
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
          std::memcmp(data_ + name, "GNU", 4) == 0) {
        static const char kHex[] = "0123456789abcdef";
        std::string id;
        for (uint64_t b = text; b < text + note.n_descsz; ++b) {
          id += kHex[data_[b] >> 4];
          id += kHex[data_[b] & 15];
        }
        return id;
      }
      at = next;
    }
  }
  return {};
}

}  // namespace hotspan
