// What functions that run inside the signal handler may contain: docs/signal-safety.md as a check of the sources. It knows
// them by their suffix, `_signal`, and reads text: a call that hides behind a pointer or an operator is not seen.

/** What they may call beside one another, and why. */
const allowedCalls = new Set([
  // Of std::atomic; those in use are free of locks on the processors that machine.h knows.
  'load', 'store', 'exchange', 'compare_exchange_strong', 'compare_exchange_weak', 'fetch_add', 'fetch_or',
  // Of std::span, std::array and numbers: inline, no memory of their own.
  'size', 'data', 'begin', 'end', 'min', 'max', 'find', 'countl_zero',
  // System calls, or reads of the thread pointer: async-signal-safe by POSIX, or in fact (process_vm_readv, syscall,
  // pthread_self) since they neither lock nor allocate. errno is kept around the handler.
  'clock_gettime', 'write', 'process_vm_readv', 'syscall', 'pthread_self', 'getpid',
  // hotspan's own without the suffix: they compute a number, or make one of these calls.
  'CurrentThreadId', 'ReadByMem', 'Contains', 'PositionOf', 'BucketOf', 'Pack', 'PhaseOf',
  // Arguments: code of a walk that asks whether an address is code.
  'is_code',
]);

const notCalls = new Set([
  'if', 'for', 'while', 'switch', 'return', 'sizeof', 'alignas', 'static_cast', 'reinterpret_cast', 'const_cast',
]);

const unsafeWords =
  /\b(?:malloc|calloc|realloc|free|new|delete|throw|std::(?:vector|string|map|unordered_map|deque|function|mutex|lock_guard|unique_lock|shared_ptr|make_\w+)|\w*mutex\w*|printf|fprintf|dladdr|HandleScope)\b/;

/** Source without comments and string literals: a rule is about code. */
export function codeOnly(source) {
  return source.replace(/\/\/.*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"/g, ' ');
}

/** Whether code allocates, locks or throws. */
export function hasUnsafeWord(code) {
  return unsafeWords.test(code);
}

/** The functions named `*_signal` that a file defines. */
export function signalFunctions(source) {
  const code = codeOnly(source);
  const definition = /^[ \t]*(?!return\b|if\b|else\b|for\b|while\b)[\w:<>*&, \t]*[\s*&](?:\w+::)*(\w+_signal)\s*\([^;{}]*\)\s*(?:const\s*)?(?:noexcept\s*)?\{/gm;
  return [...code.matchAll(definition)].map((match) => {
    const start = match.index + match[0].length;
    let end = start;
    for (let depth = 1; depth > 0 && end < code.length; end++) {
      if (code[end] === '{') depth += 1;
      if (code[end] === '}') depth -= 1;
    }
    return { name: match[1], body: code.slice(start, end) };
  });
}

/** What a body holds that it may not: words and calls. */
export function forbiddenIn(body) {
  const words = unsafeWords.exec(body) ?? [];
  const lambdas = new Set([...body.matchAll(/\b(\w+) = \[/g)].map(([, name]) => name));
  const calls = [...body.matchAll(/\b([A-Za-z_]\w*)\s*(?:<[^<>;()]*>\s*)?\(/g)].map(([, name]) => name);
  const isAllowed = (name) => name.endsWith('_signal') || allowedCalls.has(name) || notCalls.has(name) || lambdas.has(name);
  return [...words, ...calls.filter((name) => !isAllowed(name))];
}
