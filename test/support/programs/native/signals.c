// An addon that does with signals, stacks and exec() what native code does in the wild, for tests. It declares what it
// needs of Node-API, as threads.c does: one build for all Node versions.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

typedef struct napi_env__* napi_env;
typedef struct napi_value__* napi_value;
typedef struct napi_callback_info__* napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
extern int napi_create_function(napi_env, const char*, size_t, napi_callback, void*, napi_value*);
extern int napi_set_named_property(napi_env, napi_value, const char*, napi_value);
extern int napi_get_cb_info(napi_env, napi_callback_info, size_t*, napi_value*, napi_value*, void**);
extern int napi_get_value_double(napi_env, napi_value, double*);
extern int napi_create_double(napi_env, double, napi_value*);
extern int napi_get_value_string_utf8(napi_env, napi_value, char*, size_t, size_t*);

#define EXPORTED __attribute__((visibility("default")))
#define OWN_FRAME __attribute__((noinline, noclone))
enum { kMostArguments = 16 };

static double arguments(napi_env env, napi_callback_info info, double* out) {
  size_t count = kMostArguments;
  napi_value values[kMostArguments];
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
  for (size_t i = 0; i < count && i < kMostArguments; i++) napi_get_value_double(env, values[i], &out[i]);
  return out[0];
}

static napi_value number(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}

static uint64_t ns_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// --- the handler of a signal ---

static atomic_int hits;
static void count_hit(int signal) {
  (void)signal;
  atomic_fetch_add(&hits, 1);
}

static napi_value set_handler(napi_env env, napi_callback_info info, void (*handler)(int)) {
  double signal[kMostArguments] = {0};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  return number(env, sigaction((int)arguments(env, info, signal), &action, NULL));
}
// handle(signal), ignore(signal), reset(signal)
static napi_value handle(napi_env env, napi_callback_info info) { return set_handler(env, info, count_hit); }
static napi_value ignore(napi_env env, napi_callback_info info) { return set_handler(env, info, SIG_IGN); }
static napi_value reset(napi_env env, napi_callback_info info) { return set_handler(env, info, SIG_DFL); }

// hits(): how often a handler of handle() ran
static napi_value get_hits(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, atomic_load(&hits));
}

// handled(): the one of SIGURG and the real-time signals that has a handler of another's; 0: none
static napi_value handled(napi_env env, napi_callback_info info) {
  (void)info;
  for (int signal = SIGURG; signal <= SIGRTMAX; signal = signal == SIGURG ? SIGRTMIN : signal + 1) {
    struct sigaction action;
    if (sigaction(signal, NULL, &action) != 0 || action.sa_handler == count_hit) continue;
    if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) return number(env, signal);
  }
  return number(env, 0);
}

// block(): all signals, on the calling thread
static void block_all(void) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, NULL);
}
static napi_value block(napi_env env, napi_callback_info info) {
  (void)env, (void)info;
  block_all();
  return NULL;
}

// cpuNs(): of the calling thread
static napi_value cpu_ns(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, (double)ns_of(CLOCK_THREAD_CPUTIME_ID));
}

// --- threads that burn ---

EXPORTED OWN_FRAME uint32_t hotspan_test_burn(uint32_t n) {
  uint32_t x = n;
  for (uint32_t i = 0; i < n; i++) {
    x = x * 1103515245u + 12345u;
    __asm__ volatile("" : "+r"(x));
  }
  return x;
}

typedef struct {
  uint64_t ns;
  int blocks, stays;
} Burn;
static atomic_int burnt;

static void* run_burn(void* argument) {
  Burn burn = *(Burn*)argument;
  free(argument);
  pthread_setname_np(pthread_self(), burn.blocks ? "hst-blocks" : "hst-takes");
  if (burn.blocks) block_all();
  while (ns_of(CLOCK_THREAD_CPUTIME_ID) < burn.ns) hotspan_test_burn(100000);
  atomic_fetch_add(&burnt, 1);
  while (burn.stays) pause();
  return NULL;
}

// burn(count, ms, blocks, stays): threads that use as much CPU each, then end or sleep on
static napi_value burn(napi_env env, napi_callback_info info) {
  double given[kMostArguments] = {0};
  const int count = (int)arguments(env, info, given);
  for (int i = 0; i < count; i++) {
    Burn* one = malloc(sizeof *one);
    *one = (Burn){(uint64_t)(given[1] * 1e6), given[2] != 0, given[3] != 0};
    pthread_t thread;
    pthread_create(&thread, NULL, run_burn, one);
    pthread_detach(thread);
  }
  return NULL;
}

// burnt(): threads that are done with it
static napi_value get_burnt(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, atomic_load(&burnt));
}

// --- a stack in a mapping of its own, as coroutine libraries make them ---

static ucontext_t outside, inside;
static double coroutine_ms;
static void* coroutine_stack;
enum { kCoroutineStack = 65536 };
static void run_coroutine(void) {
  const uint64_t end = ns_of(CLOCK_THREAD_CPUTIME_ID) + (uint64_t)(coroutine_ms * 1e6);
  while (ns_of(CLOCK_THREAD_CPUTIME_ID) < end) hotspan_test_burn(100000);
}

// mapStack(mibBelow): so far below the thread's own; 0 when there is no room
static napi_value map_stack(napi_env env, napi_callback_info info) {
  double below[kMostArguments] = {0};
  const uintptr_t distance = (uintptr_t)(arguments(env, info, below) * 1048576);
  void* at = (void*)(((uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)4095) - distance);
  coroutine_stack = mmap(at, kCoroutineStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  return number(env, coroutine_stack == at);
}

// coroutine(ms): burns there. REQUIRES: mapped
static napi_value coroutine(napi_env env, napi_callback_info info) {
  double ms[kMostArguments] = {0};
  coroutine_ms = arguments(env, info, ms);
  getcontext(&inside);
  inside.uc_stack.ss_sp = coroutine_stack;
  inside.uc_stack.ss_size = kCoroutineStack;
  inside.uc_link = &outside;
  makecontext(&inside, run_coroutine, 0);
  swapcontext(&outside, &inside);
  return NULL;
}

// raiseStackLimit(mib): of the running process; 0 when it may not
static napi_value raise_stack_limit(napi_env env, napi_callback_info info) {
  double mib[kMostArguments] = {0};
  struct rlimit limit;
  getrlimit(RLIMIT_STACK, &limit);
  limit.rlim_cur = (rlim_t)(arguments(env, info, mib) * 1048576);
  return number(env, setrlimit(RLIMIT_STACK, &limit) == 0);
}

// denyPpoll(): to this thread and those that it starts, as a sandbox may; 0 when that is not possible
static napi_value deny_ppoll(napi_env env, napi_callback_info info) {
  (void)info;
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ppoll, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {sizeof code / sizeof code[0], code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return number(env, 0);
  return number(env, prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

// exec(file, ...arguments): replaces the process without Node's knowledge
static napi_value exec(napi_env env, napi_callback_info info) {
  size_t count = kMostArguments;
  napi_value values[kMostArguments];
  static char texts[kMostArguments][512];
  char* argv[kMostArguments + 1] = {0};
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
  for (size_t i = 0; i < count && i < kMostArguments; i++) {
    napi_get_value_string_utf8(env, values[i], texts[i], sizeof texts[i], NULL);
    argv[i] = texts[i];
  }
  for (int fd = 0; fd < 3; fd++) fcntl(fd, F_SETFD, 0); // Node has them closed
  return number(env, execv(argv[0], argv));
}

EXPORTED napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  const struct { const char* name; napi_callback callback; } functions[] = {
      {"handle", handle}, {"ignore", ignore}, {"reset", reset}, {"hits", get_hits}, {"handled", handled}, {"block", block},
      {"cpuNs", cpu_ns},  {"burn", burn},     {"burnt", get_burnt}, {"mapStack", map_stack}, {"coroutine", coroutine},
      {"raiseStackLimit", raise_stack_limit}, {"exec", exec},
      {"denyPpoll", deny_ppoll},
  };
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    napi_value function;
    napi_create_function(env, functions[i].name, SIZE_MAX, functions[i].callback, NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}
