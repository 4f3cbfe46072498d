// Lists what an async hook and the promise hooks of an app see while it works for a second.
const { createHook } = require('node:async_hooks');
const { writeSync } = require('node:fs');
const { setTimeout: later } = require('node:timers');
const { promiseHooks } = require('node:v8');

const seen = [];
const see = (kind) => (id, type) => seen.push([kind, id, typeof type === 'string' ? type : '']);
const hook = createHook({ init: see('init'), before: see('before'), after: see('after'), promiseResolve: see('resolve') });
hook.enable();
const end = promiseHooks.createHook({ init: () => seen.push(['promise', 0, '']) });

function burn(ms) {
  const until = process.hrtime.bigint() + BigInt(ms) * 1000000n;
  let sum = 0;
  while (process.hrtime.bigint() < until) for (let i = 0; i < 5000; i++) sum = (sum * 31 + i) | 0;
  return sum;
}

const turns = 40;
let turn = 0;
later(function work() {
  burn(20);
  if (++turn < turns) return later(work, 5);
  // Registered after hotspan's: its end is over by then.
  process.on('exit', () => {
    hook.disable();
    end();
    writeSync(1, JSON.stringify(seen));
  });
}, 10);
