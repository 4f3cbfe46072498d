#include "gzip.h"

#include <dlfcn.h>

#include <cstdint>

namespace hotspan {
namespace {

// z_stream of zlib.h, which has been the same since zlib 1.0. Not every machine
// that builds the addon has that header.
struct ZStream {
  const uint8_t* next_in;
  unsigned avail_in;
  unsigned long total_in;
  uint8_t* next_out;
  unsigned avail_out;
  unsigned long total_out;
  const char* message;
  void* state;
  void* allocate;
  void* release;
  void* opaque;
  int data_type;
  unsigned long check;
  unsigned long reserved;
};

constexpr char kVersion[] = "1.2.11";  // zlib compares the first digit
constexpr int kLevel = 6, kDeflated = 8, kGzipWindow = 15 + 16, kMemory = 8, kDefaultStrategy = 0;
constexpr int kOk = 0, kStreamEnd = 1, kFinish = 4;

struct Zlib {
  int (*init)(ZStream*, int, int, int, int, int, const char*, int);
  unsigned long (*bound)(ZStream*, unsigned long);
  int (*deflate)(ZStream*, int);
  int (*end)(ZStream*);

  bool complete() const { return init && bound && deflate && end; }
};

template <typename Function>
void Find(const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

Zlib FindZlib() {
  Zlib zlib;
  Find("deflateInit2_", &zlib.init);
  Find("deflateBound", &zlib.bound);
  Find("deflate", &zlib.deflate);
  Find("deflateEnd", &zlib.end);
  return zlib;
}

}  // namespace

bool Gzip(std::string_view bytes, std::string* gzipped) {
  static const Zlib zlib = FindZlib();
  if (!zlib.complete() || bytes.size() > UINT32_MAX / 2) return false;
  ZStream stream{};
  if (zlib.init(&stream, kLevel, kDeflated, kGzipWindow, kMemory, kDefaultStrategy, kVersion, sizeof(stream)) != kOk) return false;
  gzipped->resize(zlib.bound(&stream, bytes.size()));
  stream.next_in = reinterpret_cast<const uint8_t*>(bytes.data());
  stream.avail_in = static_cast<unsigned>(bytes.size());
  stream.next_out = reinterpret_cast<uint8_t*>(gzipped->data());
  stream.avail_out = static_cast<unsigned>(gzipped->size());
  const bool done = zlib.deflate(&stream, kFinish) == kStreamEnd;
  gzipped->resize(done ? stream.total_out : 0);
  zlib.end(&stream);
  return done;
}

}  // namespace hotspan
