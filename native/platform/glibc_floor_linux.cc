// Keeps the addon loadable with glibc 2.28, the floor of Node's own binaries, whatever glibc it is built against.
//
// A newer glibc gives the linker newer versions of old functions: 2.34 moved libpthread and libdl into libc, and 2.33
// made stat() a function of its own. So what the addon and the parts of libstdc++ linked into it call by these names is
// defined here, hidden, and goes to the version that every supported glibc has. test/e2e/package/glibc-floor.test.ts looks at
// what was built, and names what is missing here.
//
// `.symver` binds a name to a version: https://sourceware.org/binutils/docs/as/Symver.html
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "machine_x64.h"

// The names below have labels of their own: the headers declare the same functions with other attributes.
#define HOTSPAN_HIDDEN extern "C" __attribute__((visibility("hidden")))

// Defines `name` as a call of that version of it.
#define HOTSPAN_VERSION(version, result, name, parameters, arguments) \
  extern "C" result old_##name parameters;                            \
  __asm__(".symver old_" #name "," #name "@" version);                \
  HOTSPAN_HIDDEN result hotspan_##name parameters __asm__(#name);     \
  result hotspan_##name parameters { return old_##name arguments; }
#define HOTSPAN_FIRST_VERSION(...) HOTSPAN_VERSION(HOTSPAN_GLIBC_FIRST_VERSION, __VA_ARGS__)

HOTSPAN_FIRST_VERSION(int, pthread_create,
                      (pthread_t * thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument),
                      (thread, attributes, start, argument))
HOTSPAN_FIRST_VERSION(int, pthread_join, (pthread_t thread, void** result), (thread, result))
HOTSPAN_FIRST_VERSION(int, pthread_detach, (pthread_t thread), (thread))
HOTSPAN_FIRST_VERSION(int, pthread_sigmask, (int how, const sigset_t* set, sigset_t* old), (how, set, old))
HOTSPAN_FIRST_VERSION(int, pthread_getattr_np, (pthread_t thread, pthread_attr_t* attributes), (thread, attributes))
HOTSPAN_FIRST_VERSION(int, pthread_attr_getstack, (const pthread_attr_t* attributes, void** start, size_t* size),
                      (attributes, start, size))
HOTSPAN_FIRST_VERSION(int, pthread_attr_setstacksize, (pthread_attr_t * attributes, size_t size), (attributes, size))
HOTSPAN_FIRST_VERSION(int, pthread_getcpuclockid, (pthread_t thread, clockid_t* clock), (thread, clock))
HOTSPAN_FIRST_VERSION(int, pthread_once, (pthread_once_t * once, void (*run)()), (once, run))
HOTSPAN_FIRST_VERSION(int, pthread_key_create, (pthread_key_t * key, void (*end)(void*)), (key, end))
HOTSPAN_FIRST_VERSION(int, pthread_key_delete, (pthread_key_t key), (key))
HOTSPAN_FIRST_VERSION(int, pthread_setspecific, (pthread_key_t key, const void* value), (key, value))
HOTSPAN_FIRST_VERSION(void*, pthread_getspecific, (pthread_key_t key), (key))
HOTSPAN_FIRST_VERSION(void*, dlsym, (void* library, const char* name), (library, name))
HOTSPAN_FIRST_VERSION(double, log, (double x), (x))

HOTSPAN_VERSION("GLIBC_2.12", int, pthread_setname_np, (pthread_t thread, const char* name), (thread, name))

// From 2.33 on; before, the headers gave them other names.
// The kernel's structure is glibc's, with and without _FILE_OFFSET_BITS=64.
#define HOTSPAN_STAT(name, parameters, directory, path, flags)                    \
  HOTSPAN_HIDDEN int hotspan_##name parameters __asm__(#name);                    \
  int hotspan_##name parameters {                                                 \
    return static_cast<int>(syscall(SYS_newfstatat, directory, path, to, flags)); \
  }
HOTSPAN_STAT(stat, (const char* path, struct stat* to), AT_FDCWD, path, 0)
HOTSPAN_STAT(stat64, (const char* path, struct stat* to), AT_FDCWD, path, 0)
HOTSPAN_STAT(fstat, (int file, struct stat* to), file, "", AT_EMPTY_PATH)
HOTSPAN_STAT(fstat64, (int file, struct stat* to), file, "", AT_EMPTY_PATH)

// From 2.30 on; libstdc++ waits with it until a time of the monotonic clock. Here the wait is as long, but would not
// notice that the clock of the day is set meanwhile; libstdc++ looks at its own clock again when the wait ends.
HOTSPAN_HIDDEN int hotspan_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                     const timespec* until) __asm__("pthread_cond_clockwait");
int hotspan_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  constexpr int64_t second = 1'000'000'000;
  const auto now = [](clockid_t which) {
    timespec time;
    clock_gettime(which, &time);
    return time.tv_sec * second + time.tv_nsec;
  };
  const int64_t end = now(CLOCK_REALTIME) + (until->tv_sec * second + until->tv_nsec - now(clock));
  const timespec real_until{end / second, end % second};
  return pthread_cond_timedwait(condition, mutex, &real_until);
}

// From 2.36 on; std::random_device asks for it.
HOTSPAN_HIDDEN uint32_t hotspan_random() __asm__("arc4random");
uint32_t hotspan_random() {
  uint32_t value = 0;
  while (getrandom(&value, sizeof(value), 0) < 0 && errno == EINTR) continue;
  return value;
}

// From 2.32 on: whether libstdc++ may count references without atomic instructions. The process has several threads.
HOTSPAN_HIDDEN char hotspan_single_threaded __asm__("__libc_single_threaded");
char hotspan_single_threaded = 0;
