import { seededRandom } from '../../test/support/seeded-random.ts';

export interface Change {
  /** Factor on the work of functions, by name. */
  readonly slower?: Readonly<Record<string, number>>;
  /** Half of this function's work goes to a new function that it calls. */
  readonly split?: string;
  /** Old name to new name. */
  readonly renamed?: Readonly<Record<string, string>>;
}

export interface ProgramOptions {
  readonly seed: number;
  /** CPU time of a run on an ordinary machine, roughly. */
  readonly seconds: number;
  readonly change?: Change;
}

export const functionCount = 40;
/** The function that holds 5% of the work. */
export const target = 'work07';

/**
 * The source of a program of 40 functions, each with another share of the CPU and another kind of loop, in six groups
 * that call them in turn. Equal for equal seeds, but for the change.
 */
export function generateProgram({ seed, seconds, change = {} }: ProgramOptions): string {
  const random = seededRandom(seed);
  const names = Array.from({ length: functionCount }, (_, index) => `work${String(index).padStart(2, '0')}`);
  const raw = names.map(() => 0.2 + random() ** 2);
  const rest = raw.reduce((sum, share, index) => (names[index] === target ? sum : sum + share), 0);
  // Loop steps of one call.
  const steps = raw.map((share, index) => (150_000 * (names[index] === target ? 0.05 : (share / rest) * 0.95)) / (stepCost[index % kinds.length] ?? 1));
  const nameOf = (name: string): string => change.renamed?.[name] ?? name;
  const functions = names.flatMap((name, index) => {
    const count = Math.round((steps[index] ?? 0) * (change.slower?.[name] ?? 1));
    if (change.split !== name) return [body(nameOf(name), index, String(count), '')];
    const half = Math.round(count / 2);
    return [body(`${name}Part`, index, String(half), ''), body(nameOf(name), index, String(count - half), `x = ${name}Part(x);`)];
  });
  const groups = Array.from({ length: 6 }, (_, group) => {
    const calls = names.filter((_name, index) => index % 6 === group).map((name) => `  x = ${nameOf(name)}(x);`);
    return `function group${group}(x) {\n${calls.join('\n')}\n  return x;\n}`;
  });
  const rounds = Math.round(seconds * 1100);
  return `const table = Int32Array.from({ length: 1024 }, (_, i) => Math.imul(i, 2654435761));
${functions.join('\n')}\n${groups.join('\n')}
let x = ${seed};
for (let round = 0; round < ${rounds}; round++) {
${groups.map((_, group) => `  x = group${group}(x);`).join('\n')}
}
if (x === 0.5) console.log(x);
`;
}

/**
 * Chains in which each operation waits for the one before: how the compiler happens to place a loop in memory then
 * costs nothing. All in 32 bits: a value that left them would make one compilation four times as fast as another.
 */
const kinds = [
  (k: number) => `x = Math.imul(x ^ (x >>> 15), ${k}); x = Math.imul(x ^ (x >>> 13), ${k + 2}); x = (x ^ (x >>> 16)) + i | 0;`,
  (k: number) => `x = (x << 13 | x >>> 19) ^ i; x = Math.imul(x, ${k}) + ${k} | 0; x ^= x >>> 7; x = Math.imul(x, 5) | 0;`,
  (k: number) => `x = table[(x ^ i) & 1023] ^ (x >>> 3); x = Math.imul(x, ${k}) | 0; x ^= x << 5; x ^= x >>> 9;`,
  (k: number) => `x = x + (x << 10) | 0; x ^= x >>> 6; x = Math.imul(x + i, ${k}) | 0; x ^= x >>> 11;`,
];

/** What a step of each kind costs beside the others, measured. */
const stepCost = [0.85, 0.57, 1, 1.58];

function body(name: string, index: number, count: string, before: string): string {
  const step = kinds[index % kinds.length]?.(2 * index + 31) ?? '';
  return `function ${name}(x) {\n  ${before}\n  for (let i = 0; i < ${count}; i++) {\n    ${step}\n  }\n  return x;\n}`;
}
