// Code made with each offset in each way of node:vm. Prints, for each of its functions, the place of its loop: as V8
// has it in a stack trace, or as the source map of the code has it.
import vm from 'node:vm';

const cpuUs = () => process.cpuUsage().user;
const wrapper = `/*${' '.repeat(600)}*/`;

/** All on one line; `stack` says on which. */
const codeOf = (name) =>
  `take(function ${name}(cpuUs, at) { const until = cpuUs() + 40_000, stack = at(); let x = 1; while (cpuUs() < until) for (let i = 0; i < 20_000; i++) x = (Math.imul(x, 31) + i) | 0; return stack; })`;

const onThirdLine = (name) => ({ code: `\n\n${codeOf(name)}` });

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
function vlq(value) {
  let text = '';
  for (let rest = value << 1; text === '' || rest > 0; rest >>>= 5) text += digits[(rest & 31) | (rest > 31 ? 32 : 0)];
  return text;
}

/** Behind a wrapper on the same line. Its map is of the code alone: line 100 before the loop, 200 the loop, 300 after. */
function behindWrapper(name) {
  const text = codeOf(name);
  const columns = [0, text.indexOf('let x'), text.indexOf('return stack')];
  const segments = columns.map((column, i) => vlq(column - (columns[i - 1] ?? 0)) + vlq(0) + vlq(i === 0 ? 99 : 100) + vlq(0));
  const map = { version: 3, sources: [`/original/${name}.ts`], names: [], mappings: segments.join(',') };
  const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
  return { code: `${wrapper}${text}\n//# sourceMappingURL=${url}`, place: { file: `${name}.ts`, line: 200 } };
}

const offsets = {
  none: { make: onThirdLine },
  oneLine: { make: onThirdLine, lineOffset: -1 },
  allLines: { make: onThirdLine, lineOffset: -2 },
  beforeTheFile: { make: onThirdLine, lineOffset: -7 },
  far: { make: onThirdLine, lineOffset: 1_000_000 },
  columns: { make: behindWrapper, columnOffset: -wrapper.length },
  columnsOfAnotherLine: { make: onThirdLine, columnOffset: -10_000 },
  both: { make: (name) => ({ ...behindWrapper(name), place: undefined }), lineOffset: 4, columnOffset: -10 },
};

const ways = {
  runInThisContext: (code, options) => vm.runInThisContext(code, options),
  runInContext: (code, options) => vm.runInContext(code, vm.createContext({ take }), options),
  runInNewContext: (code, options) => vm.runInNewContext(code, { take }, options),
  script: (code, options) => new vm.Script(code, options).runInThisContext(),
  cachedData: (code, options) => {
    const cachedData = new vm.Script(code, options).createCachedData();
    new vm.Script(code, { ...options, cachedData }).runInThisContext();
  },
  compileFunction: (code, options) => vm.compileFunction(code, [], options)(),
  sourceTextModule: async (code, { filename, ...options }) => {
    const module = new vm.SourceTextModule(code, { ...options, identifier: filename });
    await module.link(() => undefined);
    await module.evaluate();
  },
};

let taken;
function take(fn) {
  taken = fn;
}
globalThis.take = take;

const expected = {};
for (const [way, run] of Object.entries(ways)) {
  for (const [kind, { make, lineOffset = 0, columnOffset = 0 }] of Object.entries(offsets)) {
    const name = `${way}_${kind}`;
    const { code, place } = make(name);
    await run(code, { filename: `/virtual/${name}.js`, lineOffset, columnOffset });
    const stack = taken(cpuUs, () => new Error('here').stack);
    const line = Number(new RegExp(`${name}\\.js:(-?\\d+):`).exec(stack)?.[1]);
    // A line that the file does not have is not named.
    expected[name] = place ?? { file: `${name}.js`, line: Math.max(0, line) };
  }
}
console.log(JSON.stringify(expected));
