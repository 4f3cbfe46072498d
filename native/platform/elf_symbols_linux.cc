#include "elf_symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hotspan {
namespace {

// Small: what a thread of libuv's pool allocates stays in its malloc arena.
constexpr size_t kSymbolsAtOnce = 1024;  // 24 KiB
constexpr size_t kNameBytesAtOnce = 4 * 1024;
// What no real file has: keeps a hostile one from filling the memory.
constexpr size_t kMostHeaders = 4096, kMostNoteBytes = 64 * 1024, kLongestName = 64 * 1024;

// Of the notes of one segment.
std::string BuildIdIn(const std::vector<uint8_t>& notes) {
  size_t at = 0;
  while (at + sizeof(Elf64_Nhdr) <= notes.size()) {
    Elf64_Nhdr note;
    std::memcpy(&note, &notes[at], sizeof note);
    uint64_t name = at + sizeof note;
    uint64_t text = name + ((uint64_t{note.n_namesz} + 3) & ~uint64_t{3});
    uint64_t next = text + ((uint64_t{note.n_descsz} + 3) & ~uint64_t{3});
    if (next > notes.size()) break;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
        std::memcmp(&notes[name], "GNU", 4) == 0) {
      static const char kHex[] = "0123456789abcdef";
      std::string id;
      for (uint64_t b = text; b < text + note.n_descsz; ++b) {
        id += kHex[notes[b] >> 4];
        id += kHex[notes[b] & 15];
      }
      return id;
    }
    at = next;
  }
  return {};
}

}  // namespace

std::unique_ptr<ElfFile> ElfFile::Open(const std::string& path) {
  // Not to be kept waiting by a pipe of that name.
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return nullptr;
  std::unique_ptr<ElfFile> file(new ElfFile(fd));
  struct stat info;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || !file->ReadHeaders()) return nullptr;
  return file;
}

ElfFile::~ElfFile() { close(fd_); }

size_t ElfFile::Read(uint64_t offset, void* out, size_t size) const {
  size_t done = 0;
  while (done < size) {
    ssize_t got = pread(fd_, static_cast<char*>(out) + done, size - done,
                        static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

void ElfFile::Fetch(uint64_t offset, uint64_t size) const {
  posix_fadvise(fd_, static_cast<off_t>(offset), static_cast<off_t>(size), POSIX_FADV_WILLNEED);
}

bool ElfFile::ReadHeaders() {
  Elf64_Ehdr header;
  if (Read(0, &header, sizeof header) != sizeof header ||
      std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_shentsize != sizeof(Elf64_Shdr) || header.e_phentsize != sizeof(Elf64_Phdr) ||
      header.e_shnum > kMostHeaders || header.e_phnum > kMostHeaders) {
    return false;
  }
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  size_t bytes = segments.size() * sizeof(Elf64_Phdr);
  if (Read(header.e_phoff, segments.data(), bytes) != bytes) return false;
  for (const Elf64_Phdr& s : segments) {
    segments_.push_back({s.p_type, s.p_offset, s.p_vaddr, s.p_filesz});
  }
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  bytes = sections.size() * sizeof(Elf64_Shdr);
  // A file without its section headers runs all the same; it has no symbols then.
  if (Read(header.e_shoff, sections.data(), bytes) != bytes) return true;
  for (uint32_t type : {SHT_SYMTAB, SHT_DYNSYM}) {
    for (const Elf64_Shdr& section : sections) {
      if (section.sh_type != type || section.sh_link >= sections.size()) continue;
      const Elf64_Shdr& strings = sections[section.sh_link];
      symbols_ = {section.sh_offset, section.sh_size};
      strings_ = {strings.sh_offset, strings.sh_size};
      has_all_symbols_ = type == SHT_SYMTAB;
      return true;
    }
  }
  return true;
}

void ElfFile::VisitSymbols(const std::function<void(const ElfSymbol&)>& visit) {
  std::vector<Elf64_Sym> symbols(kSymbolsAtOnce);
  uint64_t left = symbols_.size / sizeof(Elf64_Sym);
  Fetch(symbols_.offset, symbols_.size);
  for (uint64_t offset = symbols_.offset; left > 0;) {
    size_t wanted = static_cast<size_t>(std::min<uint64_t>(left, symbols.size()));
    size_t count = Read(offset, symbols.data(), wanted * sizeof(Elf64_Sym)) / sizeof(Elf64_Sym);
    if (count == 0) return;
    for (size_t i = 0; i < count; ++i) {
      const Elf64_Sym& symbol = symbols[i];
      int type = ELF64_ST_TYPE(symbol.st_info);
      bool named = type == STT_FUNC || type == STT_OBJECT || type == STT_GNU_IFUNC;
      if (!named || symbol.st_shndx == SHN_UNDEF) continue;
      visit({symbol.st_name, symbol.st_value, symbol.st_size, type == STT_OBJECT});
    }
    offset += count * sizeof(Elf64_Sym);
    left -= count;
  }
}

std::string ElfFile::NameOf(const ElfSymbol& symbol) {
  std::string name;
  for (uint64_t at = symbol.name; at < strings_.size && name.size() < kLongestName;) {
    if (at < names_at_ || at >= names_at_ + names_.size()) {
      names_.resize(static_cast<size_t>(std::min<uint64_t>(kNameBytesAtOnce, strings_.size - at)));
      names_.resize(Read(strings_.offset + at, names_.data(), names_.size()));
      names_at_ = at;
      if (names_.empty()) break;
    }
    auto begin = names_.begin() + static_cast<ptrdiff_t>(at - names_at_);
    auto end = std::find(begin, names_.end(), '\0');
    name.append(begin, end);
    if (end != names_.end()) break;
    at = names_at_ + names_.size();
  }
  return name;
}

void ElfFile::VisitNames(std::vector<ElfSymbol>& symbols,
                         const std::function<void(const ElfSymbol&, const std::string& name)>& visit) {
  if (symbols.empty()) return;
  std::sort(symbols.begin(), symbols.end(),
            [](const ElfSymbol& a, const ElfSymbol& b) { return a.name < b.name; });
  const uint64_t first = symbols.front().name, last = symbols.back().name;
  Fetch(strings_.offset + first, last - first + kNameBytesAtOnce);
  for (const ElfSymbol& symbol : symbols) visit(symbol, NameOf(symbol));
}

uint64_t ElfFile::AddressOfOffset(uint64_t file_offset) const {
  for (const Segment& segment : segments_) {
    if (segment.type != PT_LOAD || file_offset < segment.offset) continue;
    if (file_offset - segment.offset < segment.file_size) {
      return segment.address + (file_offset - segment.offset);
    }
  }
  return 0;
}

std::string ElfFile::build_id() const {
  for (const Segment& segment : segments_) {
    if (segment.type != PT_NOTE) continue;
    std::vector<uint8_t> notes(static_cast<size_t>(std::min<uint64_t>(segment.file_size, kMostNoteBytes)));
    notes.resize(Read(segment.offset, notes.data(), notes.size()));
    std::string id = BuildIdIn(notes);
    if (!id.empty()) return id;
  }
  return {};
}

}  // namespace hotspan
