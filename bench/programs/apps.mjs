// What a profiler is started in: programs with little, much and very much code. Each gives `work(ms)`.
import { fileURLToPath } from 'node:url';
import { loadFunctions } from './generated-functions.mjs';

const apps = {
  small() {
    const items = Array.from({ length: 200 }, (_, i) => ({ id: i, name: `item ${i}`, price: (i * 7919) % 1000 }));
    return () => JSON.stringify(items.filter(({ price }) => price > 200).sort((a, b) => a.price - b.price)).length;
  },
  async typescript() {
    const { default: ts } = await import('typescript');
    // One file and the standard library: most of the compiler has then run.
    const program = ts.createProgram([fileURLToPath(new URL('../support/statistics.ts', import.meta.url))], { noEmit: true, types: [], allowImportingTsExtensions: true });
    ts.getPreEmitDiagnostics(program);
    const text = ts.sys.readFile(fileURLToPath(import.meta.url));
    return () => ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES5 } }).outputText.length;
  },
  functions() {
    const call = loadFunctions(30_000);
    return () => call(2000);
  },
};

export async function loadApp(name) {
  const step = await apps[name]();
  return (ms) => {
    for (const end = performance.now() + ms; performance.now() < end; ) step();
  };
}
