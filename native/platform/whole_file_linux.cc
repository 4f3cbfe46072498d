#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hotspan {
namespace {

void MakeParents(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    mkdir(path.substr(0, slash).c_str(), 0777);  // what is there already stays; what cannot be made fails below
  }
}

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// Only a file that did not exist: a link that another user planted there is
// removed, not followed.
int OpenNew(const std::string& path) {
  const auto open_new = [&] { return open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600); };
  int file = open_new();
  if (file >= 0) return file;
  if (errno == ENOENT) MakeParents(path);
  if (errno == EEXIST) unlink(path.c_str());
  return open_new();
}

}  // namespace

bool WriteWholeFile(const std::string& path, std::string_view bytes) {
  const std::string unfinished = path + ".tmp";
  const int file = OpenNew(unfinished);
  if (file < 0) return false;
  const bool written = WriteAll(file, bytes);
  if (close(file) == 0 && written && rename(unfinished.c_str(), path.c_str()) == 0) return true;
  unlink(unfinished.c_str());
  return false;
}

size_t ResidentBytes() {
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[128];
  const ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return 0;
  text[length] = 0;
  size_t total = 0, resident = 0;
  if (sscanf(text, "%zu %zu", &total, &resident) != 2) return 0;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace hotspan
