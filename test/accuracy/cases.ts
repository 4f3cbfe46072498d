import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import ts from 'typescript';

export interface AccuracyCase {
  title: string;
  /** Files whose `@burn` marks tell which line burns. */
  sources: string[];
  /** Puts what must be built into `dir` and gives the program to run. */
  program: (dir: string) => string;
  /** The same work for V8's profiler, which knows no source maps. @default program */
  reference?: (dir: string) => string;
}

const programPath = (name: string): string => fileURLToPath(new URL(`./programs/${name}`, import.meta.url));

const plain = (title: string, ...sources: [string, ...string[]]): AccuracyCase => ({
  title,
  sources: sources.map(programPath),
  program: () => programPath(sources[0]),
});

export const accuracyCases: readonly AccuracyCase[] = [
  plain('plain and inlined calls, loops entered once, closures, recursion 500 deep', 'calls.mjs'),
  plain('classes, getters, generators, async functions', 'classes.mjs'),
  plain('Array.prototype.sort with a comparator, JSON.parse, regular expressions', 'builtins.mjs'),
  plain('eval, new Function, vm contexts', 'dynamic.mjs'),
  plain('CommonJS modules, two burning lines in one function', 'commonjs.cjs', 'commonjs-part.cjs'),
  {
    title: 'bundled and minified with a source map',
    sources: ['main.mjs', 'hash-text.mjs', 'tokenizer.mjs'].map((file) => programPath(`bundle/${file}`)),
    program: (dir) => bundle(join(dir, 'app.min.cjs'), { minify: true }),
    reference: (dir) => bundle(join(dir, 'app.cjs'), { minify: false }),
  },
  { title: 'TypeScript with a source map', sources: [programPath('typed.ts')], program: compileTypeScript },
];

function bundle(outfile: string, { minify }: { minify: boolean }): string {
  buildSync({
    entryPoints: [programPath('bundle/main.mjs')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify,
    sourcemap: true,
    outfile,
    logLevel: 'error',
  });
  return outfile;
}

function compileTypeScript(dir: string): string {
  const sourceDir = join(dir, 'src');
  mkdirSync(sourceDir, { recursive: true });
  const fileNames = ['typed.ts', 'burn.cjs'];
  for (const name of fileNames) copyFileSync(programPath(name), join(sourceDir, name));
  copyFileSync(programPath('burn.cjs'), join(dir, 'burn.cjs'));
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }\n');
  const { outputText, sourceMapText } = ts.transpileModule(readFileSync(join(sourceDir, 'typed.ts'), 'utf8'), {
    fileName: 'typed.ts',
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, sourceMap: true },
  });
  const map = { ...(JSON.parse(sourceMapText ?? '{}') as object), sources: ['src/typed.ts'] };
  writeFileSync(join(dir, 'typed.js.map'), JSON.stringify(map));
  writeFileSync(join(dir, 'typed.js'), outputText);
  return join(dir, 'typed.js');
}

/** Where a function, or a part of one (`twoLines:a`), burns. */
export interface BurnLine {
  function: string;
  /** Last component; undefined when the script has no name. */
  file: string | undefined;
  line: number;
}

/** What a program says at its end: CPU time by function or part of one, and lines that no mark in a file can tell. */
export interface Truth {
  cpuNs: Record<string, number>;
  lines: Record<string, { file?: string; line: number }>;
}

export function parseTruth(stdout: string): Truth {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Truth;
}

/** The burning line of every key of the truth. Throws when one has none: it would pass unchecked. */
export function burnLines(sources: readonly string[], truth: Truth): Map<string, BurnLine> {
  const lines = new Map<string, BurnLine>();
  const add = (key: string, file: string | undefined, line: number): void => {
    lines.set(key, { function: functionOf(key), file, line });
  };
  for (const source of sources) {
    readFileSync(source, 'utf8').split('\n').forEach((text, index) => {
      const key = /\/\/ @burn (\S+)$/.exec(text)?.[1];
      if (key) add(key, basename(source), index + 1);
    });
  }
  for (const [key, { file, line }] of Object.entries(truth.lines)) add(key, file, line);
  const missing = Object.keys(truth.cpuNs).filter((key) => !lines.has(key));
  if (missing.length > 0) throw new Error(`no burning line is known for ${missing.join(', ')}`);
  return lines;
}

/** `twoLines:a` is a part of `twoLines`. */
export const functionOf = (key: string): string => key.replace(/:.*/, '');
