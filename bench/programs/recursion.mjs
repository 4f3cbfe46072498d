// Burns beneath exactly `frames` JavaScript frames, none of them inlined: each function of the recursion is entered too
// rarely to be optimized.
import { finish, readSettings } from './conversation.mjs';
import { loadProfiler } from './profilers.mjs';

const { frames, seconds, ...profilerSettings } = readSettings();
const profiler = await loadProfiler(profilerSettings);
Error.stackTraceLimit = 200;
let measuredFrames = 0;

function burn(ms) {
  let x = 1;
  for (const end = performance.now() + ms; performance.now() < end; ) for (let i = 0; i < 20000; i++) x = (Math.imul(x, 31) + i) | 0;
  return x;
}

function descend(levels, leaf) {
  return levels === 0 ? leaf() : descend(levels - 1, leaf);
}

const countFrames = () => new Error().stack.split('\n').length - 1;

setImmediate(async () => {
  // Frames around the recursion: this callback, Node's own beneath it, descend() itself and the two at the top.
  const around = descend(0, () => countFrames());
  const levels = frames - around;
  measuredFrames = descend(levels, () => countFrames());
  profiler.start();
  descend(levels, () => burn(seconds * 1000));
  const { samples, handler } = profiler.stats();
  await profiler.stop();
  finish({ measuredFrames, samples, p50Us: handler.p50Us, p99Us: handler.p99Us, maxUs: handler.maxUs });
});
