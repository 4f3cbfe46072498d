#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <climits>
#include <cstdio>
#include <cstring>

#include "memory_map.h"

namespace hotspan {

std::vector<Mapping> ExecutableMappings() {
  std::vector<Mapping> mappings;
  FILE* file = std::fopen("/proc/self/maps", "re");
  if (file == nullptr) return mappings;
  char line[PATH_MAX + 128];
  while (std::fgets(line, sizeof line, file) != nullptr) {
    uint64_t start, limit, offset;
    char permissions[5];
    int path_at = 0;
    if (std::sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %*s %n", &start, &limit,
                    permissions, &offset, &path_at) < 4) {
      continue;
    }
    if (permissions[2] != 'x') continue;
    std::string path = path_at > 0 ? std::string(line + path_at) : std::string();
    if (!path.empty() && path.back() == '\n') path.pop_back();
    mappings.push_back({start, limit, offset, std::move(path)});
  }
  std::fclose(file);
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
