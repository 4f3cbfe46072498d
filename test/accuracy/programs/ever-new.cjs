// Compiles code for ever, as template engines, query builders and development servers do; each piece runs for a moment
// and is dropped. Arguments: `functions` or `maps` (with an inline source map of 1 MB each), and how many.
'use strict';
const vm = require('node:vm');

const [kind, count] = process.argv.slice(2);
const filler = 'x'.repeat(750_000);
let sink = 0;

function pieceOf(n) {
  const text = `(function piece_${n}(ms) { const end = performance.now() + ms; let x = 0; while (performance.now() < end) for (let i = 0; i < 500; i++) x = (x * 31 + i) | 0; return x; })`;
  if (kind === 'functions') return new Function(`return ${text}`)();
  const map = JSON.stringify({ version: 3, sources: ['page.tsx'], sourcesContent: [filler + n], names: [], mappings: 'AAAA' });
  return vm.runInThisContext(`${text}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`, { filename: '/srv/app/page.js' });
}

let most = 0;
const stats = () => require('../../../dist/index.cjs').stats();
let made = 0;
function turn() {
  for (let i = 0; i < 50; i++) sink ^= pieceOf(made++)(kind === 'functions' ? 0.5 : 4);
  most = Math.max(most, stats().bytesHeld);
  if (made < Number(count)) setImmediate(turn);
  else console.log(JSON.stringify({ made, most, sink: sink === 0.5 }));
}
turn();
