#include "../../platform/elf_symbols.h"

#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "../support/check.h"

namespace hotspan {
namespace {

// A file with the given bytes, as long as the object lives.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& bytes) {
    int fd = mkstemp(path_.data());
    size_t written = 0;
    while (fd >= 0 && written < bytes.size()) {
      ssize_t got = write(fd, bytes.data() + written, bytes.size() - written);
      if (got <= 0) break;
      written += static_cast<size_t>(got);
    }
    if (fd >= 0) close(fd);
  }
  ~TemporaryFile() { unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/elf_symbols_test_XXXXXX";
};

template <typename T>
void Append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// An ELF file of a symbol table alone: the i-th function is at 0x1000 + 16 i.
std::string ElfWith(const std::vector<std::string>& names) {
  std::string strings(1, '\0'), symbols(sizeof(Elf64_Sym), '\0');
  for (size_t i = 0; i < names.size(); ++i) {
    Elf64_Sym symbol{};
    symbol.st_name = static_cast<Elf64_Word>(strings.size());
    symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    symbol.st_shndx = 1;
    symbol.st_value = 0x1000 + 16 * i;
    symbol.st_size = 16;
    Append(symbols, symbol);
    strings += names[i] + '\0';
  }
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 3;
  header.e_shoff = sizeof header;
  Elf64_Shdr none{}, symtab{}, strtab{};
  symtab.sh_type = SHT_SYMTAB;
  symtab.sh_link = 2;
  symtab.sh_offset = header.e_shoff + 3 * sizeof(Elf64_Shdr);
  symtab.sh_size = symbols.size();
  strtab.sh_type = SHT_STRTAB;
  strtab.sh_offset = symtab.sh_offset + symtab.sh_size;
  strtab.sh_size = strings.size();
  std::string bytes;
  Append(bytes, header);
  for (const Elf64_Shdr& section : {none, symtab, strtab}) Append(bytes, section);
  return bytes + symbols + strings;
}

std::vector<std::string> NamesIn(const std::string& path) {
  std::vector<std::string> names;
  std::unique_ptr<ElfFile> file = ElfFile::Open(path);
  if (file == nullptr) return names;
  std::vector<ElfSymbol> symbols;
  file->VisitSymbols([&](const ElfSymbol& symbol) {
    symbols.push_back(symbol);
    names.push_back(file->NameOf(symbol));
  });
  size_t visited = 0;
  file->VisitNames(symbols, [&](const ElfSymbol&, const std::string&) { ++visited; });
  EXPECT_EQ(visited, names.size());
  return names;
}

TEST(ElfFile_reads_every_name_also_across_pieces) {
  std::vector<std::string> names;
  std::mt19937 random(1);
  for (size_t i = 0; i < 5000; ++i) {
    // Some longer than a piece.
    size_t length = i % 500 == 0 ? 3000 + random() % 9000 : 1 + random() % 60;
    names.push_back(std::to_string(i) + std::string(length, static_cast<char>('a' + i % 26)));
  }
  TemporaryFile file(ElfWith(names));
  EXPECT(NamesIn(file.path()) == names);
}

TEST(ElfFile_names_symbols_in_any_order) {
  std::vector<std::string> names;
  for (size_t i = 0; i < 2000; ++i) names.push_back("name" + std::to_string(i));
  TemporaryFile bytes(ElfWith(names));
  std::unique_ptr<ElfFile> file = ElfFile::Open(bytes.path());
  std::vector<ElfSymbol> symbols;
  file->VisitSymbols([&](const ElfSymbol& symbol) { symbols.push_back(symbol); });
  EXPECT_EQ(symbols.size(), names.size());
  size_t wrong = 0;
  for (size_t i = symbols.size(); i-- > 0;) {
    wrong += file->NameOf(symbols[i]) != names[i] || symbols[i].address != 0x1000 + 16 * i;
  }
  EXPECT_EQ(wrong, 0u);
}

TEST(ElfFile_reads_the_names_of_chosen_symbols_from_front_to_back) {
  std::vector<std::string> names;
  for (size_t i = 0; i < 5000; ++i) names.push_back("name" + std::to_string(i));
  TemporaryFile bytes(ElfWith(names));
  std::unique_ptr<ElfFile> file = ElfFile::Open(bytes.path());
  std::vector<ElfSymbol> symbols;
  file->VisitSymbols([&](const ElfSymbol& symbol) { symbols.push_back(symbol); });
  std::shuffle(symbols.begin(), symbols.end(), std::mt19937(3));
  symbols.resize(1000);
  size_t visited = 0, wrong = 0;
  uint32_t last = 0;
  file->VisitNames(symbols, [&](const ElfSymbol& symbol, const std::string& name) {
    ++visited;
    wrong += name != names[(symbol.address - 0x1000) / 16] || symbol.name < last;
    last = symbol.name;
  });
  EXPECT_EQ(visited, 1000u);
  EXPECT_EQ(wrong, 0u);
  std::vector<ElfSymbol> none;
  file->VisitNames(none, [&](const ElfSymbol&, const std::string&) { ++visited; });
  EXPECT_EQ(visited, 1000u);
}

TEST(ElfFile_survives_a_file_that_ends_early_or_lies) {
  const std::string whole = ElfWith({"one", "two", "three"});
  size_t most = 0;
  for (size_t size = 0; size < whole.size(); ++size) {
    TemporaryFile file(whole.substr(0, size));
    most = std::max(most, NamesIn(file.path()).size());
  }
  std::mt19937 random(2);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = whole;
    for (int flips = 0; flips < 4; ++flips) bytes[random() % bytes.size()] = static_cast<char>(random());
    TemporaryFile file(bytes);
    if (std::unique_ptr<ElfFile> elf = ElfFile::Open(file.path())) {
      elf->build_id();
      elf->AddressOfOffset(100);
    }
    most = std::max(most, NamesIn(file.path()).size());
  }
  EXPECT_EQ(most, 3u);
}

TEST(ElfFile_reads_the_running_program) {
  std::unique_ptr<ElfFile> file = ElfFile::Open("/proc/self/exe");
  EXPECT(file != nullptr);
  bool found = false;
  file->VisitSymbols([&](const ElfSymbol& symbol) { found = found || file->NameOf(symbol) == "main"; });
  EXPECT(found);
}

}  // namespace
}  // namespace hotspan
