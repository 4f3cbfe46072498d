#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <string_view>

#include "memory_map.h"

namespace hotspan {

namespace {

// The whole file at once: a process may have a thousand mappings, and this runs
// when profiling starts, on the app's thread.
std::string ReadMaps() {
  std::string text;
  int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  constexpr size_t kBlock = 64 * 1024;
  while (true) {
    size_t before = text.size();
    text.resize(before + kBlock);
    ssize_t got = read(fd, &text[before], kBlock);
    text.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got <= 0) break;
  }
  close(fd);
  return text;
}

// "7f00-7f10 r-xp 00001000 08:01 1234   /path", into `mapping`; false when it
// is not executable or not such a line.
bool ParseLine(std::string_view line, Mapping* mapping) {
  const char* at = line.data();
  const char* end = at + line.size();
  auto hex = [&](uint64_t* value, char delimiter) {
    auto [next, error] = std::from_chars(at, end, *value, 16);
    if (error != std::errc() || next == end || *next != delimiter) return false;
    at = next + 1;
    return true;
  };
  if (!hex(&mapping->start, '-') || !hex(&mapping->limit, ' ')) return false;
  if (end - at < 5 || at[2] != 'x') return false;
  at += 5;  // permissions and a blank
  if (!hex(&mapping->file_offset, ' ')) return false;
  for (int field = 0; field < 2; ++field) {  // device, inode
    while (at < end && *at != ' ') ++at;
    while (at < end && *at == ' ') ++at;
  }
  mapping->path.assign(at, end);
  return true;
}

// struct procmap_query of the kernel, and what is asked of it (linux/fs.h, 6.11).
struct MappingQuery {
  uint64_t size = sizeof(MappingQuery), flags = 0, address = 0;
  uint64_t start = 0, limit = 0, mapping_flags = 0, page_size = 0, file_offset = 0, inode = 0;
  uint32_t device_major = 0, device_minor = 0, name_size = 0, build_id_size = 0;
  uint64_t name = 0, build_id = 0;
};
constexpr unsigned long kQuery = _IOWR('f', 17, MappingQuery);
constexpr uint64_t kExecutable = 0x04, kCoveringOrNext = 0x10, kFileBacked = 0x20;

// False when this kernel does not answer such questions.
bool QueryExecutableFiles(int maps, const AddressRange& within, std::vector<Mapping>* found) {
  char path[PATH_MAX];
  for (uint64_t from = within.start; from < within.limit;) {
    MappingQuery query;
    query.flags = kExecutable | kFileBacked | kCoveringOrNext;
    query.address = from;
    query.name = reinterpret_cast<uint64_t>(path);
    query.name_size = sizeof path;
    if (ioctl(maps, kQuery, &query) != 0) return errno == ENOENT;  // none is left
    if (query.start >= within.limit) return true;
    found->push_back({query.start, query.limit, query.file_offset, query.name_size > 0 ? path : ""});
    from = query.limit;
  }
  return true;
}

}  // namespace

std::vector<Mapping> ExecutableFiles(std::span<const AddressRange> within) {
  std::vector<Mapping> found;
  const int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  const bool answers = maps >= 0 && std::all_of(within.begin(), within.end(), [&](const AddressRange& range) {
                         return QueryExecutableFiles(maps, range, &found);
                       });
  if (maps >= 0) close(maps);
  return answers ? found : FilesWithin(ExecutableMappings(), within);
}

std::vector<Mapping> FilesWithin(std::vector<Mapping> mappings, std::span<const AddressRange> within) {
  std::erase_if(mappings, [&](const Mapping& mapping) {
    return !mapping.path.starts_with('/') || std::none_of(within.begin(), within.end(), [&](const AddressRange& range) {
             return mapping.start < range.limit && range.start < mapping.limit;
           });
  });
  return mappings;
}

std::vector<Mapping> ExecutableMappings() {
  std::vector<Mapping> mappings;
  std::string text = ReadMaps();
  std::string_view rest = text;
  while (!rest.empty()) {
    size_t length = std::min(rest.find('\n'), rest.size());
    Mapping mapping;
    if (ParseLine(rest.substr(0, length), &mapping)) mappings.push_back(std::move(mapping));
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
  return mappings;
}

const Mapping* FindMapping(const std::vector<Mapping>& mappings, uint64_t address) {
  auto after = std::upper_bound(mappings.begin(), mappings.end(), address,
                                [](uint64_t a, const Mapping& m) { return a < m.start; });
  if (after == mappings.begin()) return nullptr;
  const Mapping& mapping = *std::prev(after);
  return address < mapping.limit ? &mapping : nullptr;
}

std::string ExecutablePath() {
  char path[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : std::string();
}

}  // namespace hotspan
