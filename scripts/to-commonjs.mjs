// Turns ES modules as esbuild prints them into CommonJS. esbuild itself writes no CommonJS that shares chunks, and what a
// process preloads by --require must not load an ES module: that fails beside module hooks on Node 22 and where
// `--no-experimental-require-module` is on, as in AWS Lambda.

const imported = /^import (\{[^}]*\}) from "([^"]+)";$/gm;
/** Of packages whose `module.exports` is what they export by default. */
const importedDefault = /^import (\w+) from "([^"]+)";$/gm;
const forEffect = /^import "([^"]+)";$/gm;
const exported = /^export \{([^}]*)\};\n?/m;

/**
 * Exports are values, not bindings: REQUIRES that no source exports what is assigned later, and that chunks do not
 * import each other in a circle.
 * @param {string} text
 */
export function toCommonJs(text) {
  const body = text
    .replaceAll(imported, (_, names, target) => `const ${asPattern(names)} = require("${inCommonJs(target)}");`)
    .replaceAll(importedDefault, (_, name, target) => `const ${name} = require("${inCommonJs(target)}");`)
    .replaceAll(forEffect, (_, target) => `require("${inCommonJs(target)}");`)
    .replace(exported, (_, names) => `module.exports = {${exportsOf(names).map(([local, name]) => (local === name ? ` ${name}` : ` ${name}: ${local}`)).join(',')} };\n`);
  const left = /^(?:import\b|export\b)(?!\().*$|\bimport\.meta\b.*$|^(?:const|let|var|function|class) (?:require|module|exports)\b.*$/m.exec(body);
  if (left !== null) throw new Error(`a form that toCommonJs() does not know: ${left[0]}`);
  return `"use strict";\n${ownDirectory(body, 'typeof __filename === "string" ? process.getBuiltinModule("node:url").pathToFileURL(__filename).href : ""')}`;
}

/**
 * An ES module that stays one, but for the chunks that it shares with CommonJS.
 * @param {string} text
 */
export function withCommonJsChunks(text) {
  const isChunk = (target) => target.startsWith('.');
  const body = text
    .replaceAll(imported, (all, names, target) => (isChunk(target) ? `const ${asPattern(names)} = requireChunk("${inCommonJs(target)}");` : all))
    .replaceAll(forEffect, (all, target) => (isChunk(target) ? '' : all));
  return `const requireChunk = process.getBuiltinModule("node:module").createRequire(import.meta.url);\n${body}`;
}

/**
 * The face of a CommonJS file for import statements, which have the very same exports.
 * @param {string} target
 * @param {readonly string[]} names
 */
export function esmFace(target, names) {
  const named = names.filter((name) => name !== 'default');
  return [
    // Without names as with them: a bundler follows both.
    named.length === 0 ? `import face from "${target}";\n` : `export { ${named.join(', ')} } from "${target}";\n`,
    ...(names.includes('default') ? ['export default face.default;\n'] : []),
  ].join('');
}

/**
 * What is preloaded, so that nothing of it throws: also not in a Node without process.getBuiltinModule(), where machines
 * that have several set one NODE_OPTIONS for all.
 * @param {string} text CommonJS
 */
export function withinTry(text) {
  return `"use strict";
try {
${text.replace('"use strict";\n', '')}} catch (error) {
  try {
    require("fs").writeSync(2, "hotspan: cannot profile this process: " + error.message + "; the app runs without. hotspan needs Node 20.19 or later, this is " + process.versions.node + "\\n");
  } catch {
  }
}
`;
}

/**
 * Where dist/ is, for what finds other files by its own URL; see ownUrls() in build-dist.mjs.
 * @param {string} text
 * @param {string} url JavaScript that evaluates to the URL of the file
 */
export function ownDirectory(text, url) {
  if (!text.includes('ownDist')) return text;
  const [hashbang = ''] = /^#!.*\n/.exec(text) ?? [];
  return `${hashbang}const ownDist = /^.*\\/dist\\//.exec(${url})?.[0] ?? "file:///hotspan-in-a-bundle/dist/";\n${text.slice(hashbang.length)}`;
}

function inCommonJs(target) {
  return target.startsWith('.') ? target.replace(/\.js$/, '.cjs') : target;
}

function asPattern(names) {
  return names.replaceAll(' as ', ': ');
}

/** @returns {[local: string, name: string][]} */
function exportsOf(names) {
  return names.split(',').map((one) => one.trim()).filter(Boolean).map((one) => {
    const [local, name = local] = one.split(' as ');
    return [local, name];
  });
}
