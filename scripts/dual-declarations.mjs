import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Reduces a tree of declarations to those that `faces` reach, and gives each a twin for CommonJS: `x.d.ts` that imports
 * './y.js', and `x.d.cts` that imports './y.cjs'. A compiler that reads one as the other refuses it.
 * @param {string} directory of the declarations
 * @param {readonly string[]} faces names without ending
 */
export function dualDeclarations(directory, faces) {
  const reached = new Map();
  for (const face of faces) reach(join(directory, `${face}.d.ts`), reached);
  rmSync(directory, { recursive: true, force: true });
  for (const [path, text] of reached) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replace(relativeImport, '$1$2.js$3'));
    writeFileSync(path.replace(/\.ts$/, '.cts'), text.replace(relativeImport, '$1$2.cjs$3'));
  }
}

const relativeImport = /((?:from |import\(|import )['"])(\.{1,2}\/[^'"]+)\.(?:ts|js)(['"])/g;

function reach(path, reached) {
  if (reached.has(path)) return;
  const text = readFileSync(path, 'utf8');
  reached.set(path, text);
  for (const [, , target] of text.matchAll(relativeImport)) reach(join(dirname(path), `${target}.d.ts`), reached);
}
