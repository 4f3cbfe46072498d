// A WebAssembly module, written by hand so that no compiler is needed. Function 0 is the import host.tick.

const u32 = (value) => {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value !== 0);
  return bytes;
};
/** i32.const's operand: signed LEB128. */
const s32 = (value) => {
  const bytes = [];
  for (;;) {
    const byte = value & 0x7f;
    value >>= 7;
    const done = (value === 0 && (byte & 0x40) === 0) || (value === -1 && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
};
const text = (string) => {
  const bytes = [...Buffer.from(string)];
  return [...u32(bytes.length), ...bytes];
};
const list = (items) => [...u32(items.length), ...items.flat()];
const section = (id, bytes) => [id, ...u32(bytes.length), ...bytes];

const i32 = 0x7f;
const get = (local) => [0x20, ...u32(local)];
const set = (local) => [0x21, ...u32(local)];
const constant = (value) => [0x41, ...s32(value)];
const call = (name) => [0x10, ...u32(indexOf(name))];
const add = 0x6a, sub = 0x6b, mul = 0x6c, xor = 0x73, rotl = 0x77, lessUnsigned = 0x49;

/** while (i < limit) { body; i++ }, as a loop with its test at the end; local 1 is i. */
const countTo = (limit, body) => [
  [0x03, 0x40], body,
  get(1), constant(1), add, set(1),
  get(1), limit, lessUnsigned, [0x0d, 0],
  [0x0b],
].flat();

/** h = rotl((h * factor) ^ i, 7), with h in local 2. */
const mix = (factor) => [get(2), constant(factor), mul, get(1), xor, constant(7), rotl, set(2)].flat();

/** All take n and give an integer; locals 1 and 2 are i and h. */
const functions = {
  mix_heavy: () => [countTo(get(0), mix(31)), get(2)],
  mix_light: () => [countTo(get(0), mix(17)), get(2)],
  render: () => [get(0), constant(3), mul, call('mix_heavy'), get(0), call('mix_light'), add],
  calls_host: () => [get(0), call('tick')],
  tiny: () => [get(0), constant(5), mul, get(0), xor],
  calls_tiny: () => [countTo(get(0), [get(2), call('tiny'), set(2)].flat()), get(2)],
  // memory.copy of half a page from one half of the memory to the other, n times.
  copies: () => [countTo(get(0), [constant(32768), constant(0), constant(32768), [0xfc, 0x0a, 0, 0]].flat()), get(1)],
  indirect: () => [get(0), constant(0), [0x11, 0, 0]], // table[0] is mix_light
  deep: () => [
    // n below 256 is a depth; what is above goes down unchanged: n * 256 + depth.
    get(0), constant(255), [0x71], [0x04, i32],
    get(0), constant(1), sub, call('deep'), constant(1), add,
    [0x05],
    get(0), constant(8), [0x76], call('mix_light'),
    [0x0b],
  ],
};
const names = ['tick', ...Object.keys(functions)];
const indexOf = (name) => names.indexOf(name);

/** `withNames`: with a name section, as compilers write it unless told to strip. */
export function makeModule({ withNames }) {
  const count = Object.keys(functions).length;
  const bodies = Object.values(functions).map((body) => {
    const code = [...list([[2, i32]]), ...body().flat(), 0x0b];
    return [...u32(code.length), ...code];
  });
  const exported = Object.keys(functions).map((name) => [...text(name), 0, ...u32(indexOf(name))]);
  const nameSection = [
    ...text('name'),
    ...section(0, text('mixer')),
    ...section(1, list(names.map((name, index) => [...u32(index), ...text(name)]))),
  ];
  return Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(0, [...text('unrelated'), 1, 2, 3]),
    ...section(1, list([[0x60, ...list([[i32]]), ...list([[i32]])]])),
    ...section(2, list([[...text('host'), ...text('tick'), 0, 0]])),
    ...section(3, list(Array.from({ length: count }, () => [0]))),
    ...section(4, list([[0x70, 0, 1]])),
    ...section(5, list([[0, 1]])),
    ...section(7, list(exported)),
    ...section(9, list([[0, ...constant(0), 0x0b, ...list([u32(indexOf('mix_light'))])]])),
    ...section(10, list(bodies)),
    ...(withNames ? section(0, nameSection) : []),
  ]);
}
