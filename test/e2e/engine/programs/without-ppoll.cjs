// Does nothing for a second in a sandbox that forbids ppoll(), then says how much CPU hotspan's own thread used of it.
// Run as `without-ppoll.cjs ADDON HOTSPAN DIRECTORY`.
'use strict';
const { readFileSync, readdirSync } = require('node:fs');
const { createRequire } = require('node:module');

const [addonPath, hotspan, directory] = process.argv.slice(2);
const isDenied = createRequire(__filename)(addonPath).denyPpoll();
require(hotspan).start({ rate: 99, period: 0, export: `file:${directory}` });

function ownCpuMs() {
  const own = readdirSync('/proc/self/task').find((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8') === 'hotspan\n');
  return Number(readFileSync(`/proc/self/task/${own}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}
setTimeout(() => {
  const before = ownCpuMs();
  setTimeout(() => {
    console.log(JSON.stringify({ isDenied, idleMs: 1000, usedMs: ownCpuMs() - before }));
    process.exit();
  }, 1000);
}, 1000);
