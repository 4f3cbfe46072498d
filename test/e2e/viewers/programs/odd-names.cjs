// Names as programs have them: other scripts, emoji, lone surrogates, line ends, markup, very long ones; in a file with
// an odd name in the folder argv[2]. Each function works under a label that is its name. Prints the names as JSON.
'use strict';
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { withLabels } = require('hotspan');

const declared = ['größe', '価格計算', 'حساب', '𝒇𝒂𝒏𝒄𝒚', 'e\u0301galite', 'constructor', '__proto__', 'toString', 'a'.repeat(5000)];
const keyed = [
  'with space', 'emoji 🔥', 'line\nend', 'tab\tand "quotes"', 'lone \ud83d surrogate', 'nul \0 inside', '(anonymous)',
  '<script>alert(1)</script>', 'semi;colon', '100%', '42', 'x'.repeat(5000),
];
const body = '{ const end = process.cpuUsage().user + us; let x = 1; while (process.cpuUsage().user < end) for (let i = 0; i < 20000; i++) x = (x * 31 + i) | 0; return x; }';
const file = join(process.argv[2], 'mod ule;?.cjs');
writeFileSync(
  file,
  `module.exports = { declared: [${declared.map((name) => `function ${name}(us) ${body}`).join(',\n')}],
keyed: [${keyed.map((name) => `{ ${JSON.stringify(name)}(us) ${body} }`).join(',\n')}] };`,
);
const made = require(file);
const all = [...made.declared.map((run, i) => [declared[i], run]), ...made.keyed.map((holder, i) => [keyed[i], holder[keyed[i]]])];
for (const [name, run] of all) withLabels({ name }, () => run(60_000));
console.log(JSON.stringify(all.map(([name]) => name)));
