// Breaks what BREAK names before anything else is loaded: what an odd preload, a hardened or a mocked environment does.
const broken = () => {
  throw new Error('broken on purpose');
};
const breaks = {
  'process.cwd': () => (process.cwd = broken),
  'process.once': () => (process.once = broken),
  'process.on': () => (process.on = process.addListener = broken),
  'process.listenerCount': () => (process.listenerCount = broken),
  'process.getuid': () => (process.getuid = broken),
  'process.hrtime': () => (process.hrtime = broken),
  'process.memoryUsage': () => (process.memoryUsage = broken),
  'process.getBuiltinModule': () => (process.getBuiltinModule = broken),
  'no process.getBuiltinModule': () => delete process.getBuiltinModule,
  'process.env': () => (process.env = new Proxy(process.env, { ownKeys: broken })),
  'process.config': () => Object.defineProperty(process, 'config', { get: broken }),
  'a frozen worker_threads': () => Object.freeze(require('node:worker_threads')),
  'setTimeout': () => (globalThis.setTimeout = broken),
  'setInterval': () => (globalThis.setInterval = broken),
  'setImmediate': () => (globalThis.setImmediate = broken),
  'no timers': () => ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval'].forEach((name) => delete globalThis[name]),
  'Date.now': () => (Date.now = broken),
  'performance.now': () => Object.defineProperty(performance, 'now', { value: broken }),
  'URL': () => delete globalThis.URL,
  'JSON.parse': () => (JSON.parse = broken),
  'fs.existsSync': () => (require('node:fs').existsSync = broken),
  'fs.writeSync': () => (require('node:fs').writeSync = broken),
  'fs.writeFileSync': () => (require('node:fs').writeFileSync = broken),
  'os': () => Object.keys(require('node:os')).forEach((name) => typeof require('node:os')[name] === 'function' && (require('node:os')[name] = broken)),
  'AsyncLocalStorage': () => Object.freeze(require('node:async_hooks').AsyncLocalStorage.prototype),
  'createHook': () => (require('node:async_hooks').createHook = broken),
  'diagnostics_channel': () => (require('node:diagnostics_channel').subscribe = broken),
};
breaks[process.env.BREAK]?.();
module.exports = Object.keys(breaks);
