// An addon with threads of its own, for tests. The prototypes of Node-API that it needs stand here: the ABI is stable,
// and so it builds without Node's headers, for all Node versions at once.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

typedef struct napi_env__* napi_env;
typedef struct napi_value__* napi_value;
typedef struct napi_callback_info__* napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
extern int napi_create_function(napi_env, const char*, size_t, napi_callback, void*, napi_value*);
extern int napi_set_named_property(napi_env, napi_value, const char*, napi_value);
extern int napi_get_cb_info(napi_env, napi_callback_info, size_t*, napi_value*, napi_value*, void**);
extern int napi_call_function(napi_env, napi_value, napi_value, size_t, const napi_value*, napi_value*);
extern int napi_get_value_double(napi_env, napi_value, double*);
extern int napi_create_string_utf8(napi_env, const char*, size_t, napi_value*);

#define EXPORTED __attribute__((visibility("default")))
#define OWN_FRAME __attribute__((noinline, noclone))

static atomic_int stopping;

static uint64_t thread_cpu_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// --- sleepers: system calls without a thought for EINTR, which no SA_RESTART restarts ---

enum { kEpoll, kPoll, kNanosleep, kRead, kBusySleeper, kSleepers };
static const char* const sleeper_names[kSleepers] = {"epoll", "poll", "nanosleep", "read", "busy"};

typedef struct {
  int kind;
  pthread_t thread;
  int fd;
  int write_fd;
  uint64_t calls;
  uint64_t interrupted;
} Sleeper;
static Sleeper sleepers[kSleepers];

EXPORTED OWN_FRAME uint32_t hotspan_test_busy_part(uint32_t n) {
  uint32_t x = n;
  for (uint32_t i = 0; i < n; i++) {
    x = x * 69069u + 1u;
    __asm__ volatile("" : "+r"(x));
  }
  return x;
}

static int sleep_once(Sleeper* self) {
  struct timespec pause = {0, 20000000};
  struct pollfd fd = {self->fd, POLLIN, 0};
  struct epoll_event event;
  char byte;
  switch (self->kind) {
    case kEpoll: return epoll_wait(self->fd, &event, 1, 20);
    case kPoll: return poll(&fd, 1, 20);
    case kRead: return (int)read(self->fd, &byte, 1);
    case kBusySleeper:
      hotspan_test_busy_part(4000000);
      return nanosleep(&pause, NULL);
    default: return nanosleep(&pause, NULL);
  }
}

static void* run_sleeper(void* argument) {
  Sleeper* self = argument;
  char name[16];
  snprintf(name, sizeof name, "hst-%s", sleeper_names[self->kind]);
  pthread_setname_np(pthread_self(), name);
  while (!atomic_load(&stopping)) {
    errno = 0;
    if (sleep_once(self) < 0 && errno == EINTR) self->interrupted++;
    self->calls++;
  }
  return NULL;
}

// startSleepers()
static napi_value start_sleepers(napi_env env, napi_callback_info info) {
  (void)env, (void)info;
  for (int kind = 0; kind < kSleepers; kind++) {
    Sleeper* sleeper = &sleepers[kind];
    int ends[2];
    sleeper->kind = kind;
    if (pipe(ends) != 0) continue;
    sleeper->write_fd = ends[1];
    sleeper->fd = kind == kEpoll ? epoll_create1(EPOLL_CLOEXEC) : ends[0];
    pthread_create(&sleeper->thread, NULL, run_sleeper, sleeper);
  }
  return NULL;
}

// --- burners: CPU time in functions known by name, under a thread name of their own ---

typedef struct {
  pthread_t thread;
  int started;
  double seconds;
  uint64_t hot_ns;
  uint64_t whole_ns;
} Burner;
static Burner burner;

EXPORTED OWN_FRAME uint32_t hotspan_test_spin_hot(uint32_t n) {
  uint32_t x = n;
  for (uint32_t i = 0; i < n; i++) {
    x = x * 1103515245u + 12345u;
    __asm__ volatile("" : "+r"(x));
  }
  return x;
}

EXPORTED OWN_FRAME uint32_t hotspan_test_spin_cold(uint32_t n) {
  uint32_t x = n;
  for (uint32_t i = 0; i < n; i++) {
    x = x * 22695477u + 1u;
    __asm__ volatile("" : "+r"(x));
  }
  return x;
}

static void* run_burner(void* argument) {
  Burner* self = argument;
  pthread_setname_np(pthread_self(), "hst-burner");
  while (thread_cpu_ns() < self->seconds * 1e9) {
    uint64_t before = thread_cpu_ns();
    hotspan_test_spin_hot(3000000);
    self->hot_ns += thread_cpu_ns() - before;
    hotspan_test_spin_cold(1000000);
  }
  self->whole_ns = thread_cpu_ns();
  return NULL;
}

// --- code that uses the frame pointer register for itself, as libc and hand-written assembly do ---

EXPORTED OWN_FRAME void hotspan_test_spin_wild(uint64_t frame_pointer, uint64_t n) {
#ifdef __x86_64__
  __asm__ volatile(
      "mov %%rbp, %%rbx\n\t"
      "mov %0, %%rbp\n"
      "1: dec %1\n\t"
      "jnz 1b\n\t"
      "mov %%rbx, %%rbp"
      : "+r"(frame_pointer), "+r"(n)
      :
      : "rbx", "cc");
#endif
}

// Small negative numbers, null, both ends of the address space, and what looks like the stack.
static void spin_with_wild_values(double seconds) {
  uint64_t here = (uint64_t)__builtin_frame_address(0);
  const uint64_t values[] = {-8, -16, -1, 0, 1, 8, (uint64_t)1 << 47, (uint64_t)1 << 63, here + 1, here + ((uint64_t)1 << 20), here - 64};
  const size_t count = sizeof values / sizeof values[0];
  for (uint64_t i = 0, start = thread_cpu_ns(); thread_cpu_ns() - start < seconds * 1e9; i++) {
    hotspan_test_spin_wild(values[i % count], 2000000);
  }
}

static pthread_t wild;
static double wild_seconds;

static void* run_wild(void* unused) {
  (void)unused;
  pthread_setname_np(pthread_self(), "hst-wild");
  spin_with_wild_values(wild_seconds);
  return NULL;
}

static double number_argument(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  double value = 0;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  napi_get_value_double(env, argument, &value);
  return value;
}

// startBurner(seconds)
static napi_value start_burner(napi_env env, napi_callback_info info) {
  burner.seconds = number_argument(env, info);
  burner.started = 1;
  pthread_create(&burner.thread, NULL, run_burner, &burner);
  return NULL;
}

// finish(): waits for all threads; what they counted, as JSON
static napi_value finish(napi_env env, napi_callback_info info) {
  (void)info;
  char text[1024];
  int length = 0;
  atomic_store(&stopping, 1);
  if (burner.started) pthread_join(burner.thread, NULL);
  length += snprintf(text, sizeof text, "{\"burner\":{\"hotNs\":%llu,\"wholeNs\":%llu},\"sleepers\":[",
                     (unsigned long long)burner.hot_ns, (unsigned long long)burner.whole_ns);
  for (int kind = 0; kind < kSleepers && sleepers[kind].fd != 0; kind++) {
    Sleeper* sleeper = &sleepers[kind];
    if (kind == kRead && write(sleeper->write_fd, "x", 1) != 1) continue;
    pthread_join(sleeper->thread, NULL);
    length += snprintf(text + length, sizeof text - (size_t)length, "%s{\"name\":\"%s\",\"calls\":%llu,\"interrupted\":%llu}",
                       kind == 0 ? "" : ",", sleeper_names[kind], (unsigned long long)sleeper->calls,
                       (unsigned long long)sleeper->interrupted);
  }
  snprintf(text + length, sizeof text - (size_t)length, "]}");
  napi_value result;
  napi_create_string_utf8(env, text, SIZE_MAX, &result);
  return result;
}

// --- calls between JavaScript and native code ---

EXPORTED OWN_FRAME napi_value hotspan_test_call_back(napi_env env, napi_value function) {
  napi_value result = NULL;
  napi_call_function(env, function, function, 0, NULL, &result);
  return result;
}

// callBack(function): calls it
static napi_value call_back(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value function;
  napi_get_cb_info(env, info, &count, &function, NULL, NULL);
  return hotspan_test_call_back(env, function);
}

// spinHere(n): burns on the calling thread
static napi_value spin_here(napi_env env, napi_callback_info info) {
  volatile uint32_t sink = hotspan_test_spin_hot((uint32_t)number_argument(env, info));
  (void)sink;
  return NULL;
}

// spinWild(seconds): burns as long on the calling thread and, at the same time, on one of its own
static napi_value spin_wild(napi_env env, napi_callback_info info) {
  wild_seconds = number_argument(env, info);
  pthread_create(&wild, NULL, run_wild, NULL);
  spin_with_wild_values(wild_seconds);
  pthread_join(wild, NULL);
  return NULL;
}

EXPORTED napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  const struct { const char* name; napi_callback callback; } functions[] = {
      {"startSleepers", start_sleepers}, {"startBurner", start_burner}, {"finish", finish},
      {"callBack", call_back},           {"spinHere", spin_here},
      {"spinWild", spin_wild},
  };
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    napi_value function;
    napi_create_function(env, functions[i].name, SIZE_MAX, functions[i].callback, NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}
