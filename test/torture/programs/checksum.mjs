// Shared by the programs: a repeatable random source, and one line at the end that depends on all that was computed.
export const scale = Number(process.argv[2] ?? 1);

/** How often to repeat something that is right for scale 1 when done `count` times; at least once. */
export const times = (count) => Math.max(1, Math.round(count * scale));

/** FNV-1a over everything added. */
export function createChecksum() {
  let sum = 2166136261;
  return {
    add(value) {
      for (const char of String(value)) sum = Math.imul(sum ^ char.codePointAt(0), 16777619);
    },
    print(name) {
      console.log(`${name} ${(sum >>> 0).toString(16)}`);
    },
  };
}

export function createRandom(seed = 1) {
  let state = seed;
  return () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff);
}
