#include "../../core/stored_gzip.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "../support/check.h"

namespace hotspan {
namespace {

// What gzip(1) makes of the file; it verifies length and checksum.
std::string Gunzip(const std::string& file, int* status) {
  char path[] = "/tmp/hotspan-stored-gzip-XXXXXX";
  const int descriptor = mkstemp(path);
  EXPECT(write(descriptor, file.data(), file.size()) == static_cast<ssize_t>(file.size()));
  close(descriptor);
  FILE* pipe = popen(("gzip -dc < " + std::string(path) + " 2>&1").c_str(), "r");
  std::string text;
  char buffer[4096];
  for (size_t read; (read = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, read);
  *status = pclose(pipe);
  unlink(path);
  return text;
}

TEST(StoredGzip_is_read_by_gzip) {
  uint32_t random = 1;
  // About the limits of a stored block, 65,535 bytes.
  for (const size_t size : {0, 1, 255, 65534, 65535, 65536, 131070, 131071, 300000}) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>((random = random * 1664525 + 1013904223) >> 24);
    int status = 0;
    EXPECT(Gunzip(StoredGzip(bytes), &status) == bytes);
    EXPECT(status == 0);
  }
}

TEST(StoredGzip_is_checked_by_gzip) {
  std::string file = StoredGzip("some bytes that are not empty");
  file[20] ^= 1;
  int status = 0;
  Gunzip(file, &status);
  EXPECT(status != 0);
}

}  // namespace
}  // namespace hotspan
