import { readdirSync, readFileSync } from 'node:fs';

import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const entryNames = readdirSync(new URL('./src/', import.meta.url)).filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -3));

const rooms = JSON.parse(readFileSync(new URL('./rooms.json', import.meta.url), 'utf8'));

/** The running Node's own globals: no list to keep. */
const nodeGlobals = Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly']));

export default defineConfig(
  // Programs under test/**/programs are odd on purpose.
  { ignores: ['dist/', 'build/', 'build-native/', 'prebuilds/', 'profiles/', '.nodes/', '.receivers/', 'test-output/', 'test/**/programs/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: ['**/*.{js,mjs,cjs}'], extends: [js.configs.recommended], languageOptions: { globals: nodeGlobals } },
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // The compiler does this (noUnusedLocals, noUnusedParameters).
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/require-await': 'off',
      // Callers without types, files and other runtimes are checked whatever the types promise.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      // pprof-format's classes are plain records.
      '@typescript-eslint/no-misused-spread': 'off',
      // Names from a profiled program may hold control characters; several places take them out.
      'no-control-regex': 'off',
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // A wrong guess about a value ends the test, as it should.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
  ...roomRules(),
);

/** One block for each room of src/: what it must not import. The entries (src/*.ts) are a room of their own. */
function roomRules() {
  const names = Object.keys(rooms.src);
  const blocks = names.map((name) => roomBlock(`src/${name}/**/*.ts`, names.filter((other) => other !== name), rooms.src[name], true));
  return [...blocks, roomBlock('src/*.ts', names, rooms.entries, false)];
}

function roomBlock(glob, others, { uses, usesTypesOf = [], pure = false }, inRoom) {
  const closed = others.filter((other) => !uses.includes(other));
  // From inside a room others are reached by ../, from src/*.ts by ./
  const to = (targets) => `^${inRoom ? '(\\.\\./)+' : '\\./'}(${targets.join('|')})/`;
  const patterns = [
    { regex: to(closed.filter((other) => !usesTypesOf.includes(other))), message: 'rooms.json has no arrow from here to there.' },
  ];
  if (usesTypesOf.length > 0) {
    patterns.push({ regex: to(usesTypesOf), allowTypeImports: true, message: 'rooms.json allows types only: use `import type`.' });
  }
  // By name: a room may have folders of its own, whose files reach the room's by ../
  if (inRoom) patterns.push({ regex: `^(\\.\\./)+(${entryNames.join('|')})\\.ts$`, message: 'The entries are on top: nothing imports them.' });
  if (pure) patterns.push({ regex: '^node:', message: 'This room is pure: it runs in a browser.' });
  return { files: [glob], rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] } };
}
