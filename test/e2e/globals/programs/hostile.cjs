// Works until the file that HOSTILE_UNTIL names is there, after it has taken global names away, as tests, sandboxes and hardened apps do.
// usage: hostile.cjs deleted|wrong|throwing NAME... ; a name may be that of a function of an object, as Date.now
const { existsSync, writeSync } = require('node:fs');
const { setTimeout: later } = require('node:timers');
const real = process;
const { BigInt, Number } = globalThis;
const cpuUsage = process.cpuUsage.bind(process);
const hrtime = process.hrtime.bigint.bind(process.hrtime);

const [how, ...names] = process.argv.slice(2);
const Failure = Error;
const replacements = {
  wrong: function wrong() { return 0; },
  throwing: function throwing() { throw new Failure('not here'); },
};

function breakGlobal(name) {
  const path = name.split('.');
  const key = path.pop();
  const holder = path.reduce((object, part) => object[part], globalThis);
  if (how === 'deleted') delete holder[key];
  else Object.defineProperty(holder, key, { value: replacements[how], configurable: true, writable: true });
}

function burn(ms) {
  const end = hrtime() + BigInt(ms) * 1000000n;
  let sum = 0;
  while (hrtime() < end) for (let i = 0; i < 5000; i++) sum = (sum * 31 + i) | 0;
  return sum;
}

const until = process.env.HOSTILE_UNTIL;
const began = hrtime();
let burnt = 0;
later(() => {
  const { stringify } = JSON;
  for (const name of names) breakGlobal(name);
  (function turn() {
    const before = cpuUsage().user;
    burn(20);
    burnt += cpuUsage().user - before;
    const tookMs = Number(hrtime() - began) / 1e6;
    if (tookMs < 1200 || (tookMs < 30_000 && !existsSync(until))) return later(turn, 10);
    writeSync(1, stringify({ burntMs: burnt / 1000, wallMs: Number(hrtime() - began) / 1e6 }));
    real.exitCode = 7;
  })();
}, 30);
