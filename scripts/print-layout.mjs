// Prints what hotspan knows of a node binary's V8: the constants that it exports, the table's row, the symbols that are
// needed; `*` where it differs from the newest supported Node. Usage: print-layout.mjs NODE [SUPPORTED_NODE]
// Reads the binary only, so a Node without an addon of ours, even of another platform's build, will do.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readNodeSymbols } from './elf-symbols.mjs';
import { installNode, releases } from './node-releases.mjs';

const source = readFileSync(new URL('../native/v8/layout.cc', import.meta.url), 'utf8');

/** Facts that are read from exported constants: `l.field = symbols.Get…({ names… }`, the first name that is there counts. */
function exportedFacts() {
  return [...source.matchAll(/(\w+)\s*=\s*([^;]*?)symbols\.(Get|GetOr)\(\s*\{([^}]*)\}/g)].map(([, field, condition, getter, names]) => ({
    field,
    // Where another fact is enough, as `wrapped` is for `deopt_shared`.
    isOptional: getter === 'GetOr' || condition.includes('?'),
    names: [...names.matchAll(/"([^"]+)"/g)].map(([, name]) => name),
  }));
}

/** The table: one object for each V8, by the fields of `VersionFacts`. */
function tableRows() {
  const fields = /struct VersionFacts \{(.*?)\};/s.exec(source)[1];
  const names = [...fields.replaceAll(/\/\/.*/g, '').matchAll(/(\w+)\s*(?=[,;])/g)].map(([, name]) => name);
  const rows = /kVersions\[\] = \{(.*?)\n\};/s.exec(source)[1];
  return [...rows.matchAll(/\{([^}]+)\}/g)].map(([, row]) => {
    const values = row.split(',').map((value) => value.trim().replace(/^PositionEncoding::/, ''));
    if (values.length !== names.length) throw new Error(`a row of kVersions has ${values.length} values for ${names.length} fields`);
    return Object.fromEntries(names.map((name, i) => [name, values[i]]));
  });
}

function describeNode(node) {
  const { constants, sizes } = readNodeSymbols(node);
  const [version, v8] = execFileSync(node, ['-p', 'process.version + " " + process.versions.v8'], { encoding: 'utf8' }).trim().split(' ');
  const [major, minor] = v8.split('.');
  const facts = new Map([['node', version], ['v8', v8]]);
  for (const { field, isOptional, names } of exportedFacts()) {
    const found = names.find((name) => constants.has(name));
    facts.set(field, found === undefined ? (isOptional ? '(assumed)' : `MISSING: none of ${names.join(', ')}`) : constants.get(found));
  }
  const row = tableRows().find((each) => each.major === major && each.minor === minor);
  for (const field of Object.keys(tableRows()[0]).slice(2)) facts.set(`table: ${field}`, row?.[field] ?? 'NOT IN THE TABLE');
  const symbol = (name) => (sizes === undefined ? 'STRIPPED' : (sizes.get(name) ?? 'MISSING'));
  const bytecodes = symbol('_ZN2v88internal11interpreter9Bytecodes14kBytecodeSizesE');
  facts.set('symbols: builtins', sizes === undefined ? 'STRIPPED' : [...sizes.keys()].filter((name) => name.startsWith('Builtins_')).length);
  facts.set('symbols: bytecodes', typeof bytecodes === 'number' ? bytecodes / 3 : bytecodes);
  facts.set('symbols: heap observer, bytes', symbol('_ZTVN2v88internal20SamplingHeapProfiler8ObserverE'));
  facts.set('symbols: near heap limit, bytes', symbol('_ZN2v88internal4Heap27InvokeNearHeapLimitCallbackEv'));
  return facts;
}

const [node, supported = installNode(Object.keys(releases).at(-1)).node] = process.argv.slice(2);
if (node === undefined) {
  console.error('usage: node scripts/print-layout.mjs NODE [SUPPORTED_NODE]');
  process.exit(2);
}
const facts = describeNode(node);
const known = describeNode(supported);
for (const [name, value] of facts) {
  const differs = known.get(name) !== value;
  console.log(`${differs ? '*' : ' '} ${name.padEnd(36)} ${value}${differs ? `   (${known.get('node')}: ${known.get(name)})` : ''}`);
}
