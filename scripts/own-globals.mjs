// Gives files that run in an app the global names as they were at the start: see src/runtime/globals.ts.
import { Linter } from 'eslint';

/** What the function around a CommonJS module gives it, and what cannot be replaced. */
const notGlobal = new Set(['require', 'module', 'exports', '__filename', '__dirname', 'undefined', 'NaN', 'Infinity']);
/** Read to see what the app has put there. */
const live = new Set(['globalThis']);

/**
 * @param {string} text a CommonJS module
 * @param {string} path of src/runtime/globals.ts's file, as the module requires it
 * @param {ReadonlySet<string>} captured the names that file exports
 */
export function withOwnGlobals(text, path, captured) {
  const names = freeNames(text).filter((name) => !notGlobal.has(name) && !live.has(name)).sort();
  const unknown = names.filter((name) => !captured.has(name));
  if (unknown.length > 0) throw new Error(`src/runtime/globals.ts lacks ${unknown.join(', ')}, which a file that runs in an app uses`);
  if (names.length === 0) return text;
  return text.replace('"use strict";\n', `"use strict";\nconst { ${names.join(', ')} } = require("${path}");\n`);
}

/** Names that a script uses and does not declare. */
export function freeNames(text) {
  const names = new Set();
  const create = ({ sourceCode }) => ({
    'Program:exit'() {
      const { globalScope } = sourceCode.scopeManager;
      for (const { identifier } of globalScope.through) names.add(identifier.name);
      for (const { name, defs, references } of globalScope.variables) if (defs.length === 0 && references.length > 0) names.add(name);
    },
  });
  const problems = new Linter().verify(text, [{
    languageOptions: { ecmaVersion: 'latest', sourceType: 'commonjs' },
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' },
    plugins: { own: { rules: { free: { create } } } },
    rules: { 'own/free': 'error' },
  }]);
  if (problems.length > 0) throw new Error(`a built file cannot be read: ${problems[0].message}`);
  return [...names];
}
