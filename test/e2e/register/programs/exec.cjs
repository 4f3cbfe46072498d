// Replaces itself in place, again and again, each time after some work. Run as `exec.cjs TIMES HOW DIRECTORY ADDON`,
// HOW: `node` (process.execve), `native` (the addon calls execv) or `refused` (process.execve throws, work goes on).
'use strict';
const { createRequire } = require('node:module');

const [times, how, directory, addonPath] = process.argv.slice(2);

function burnFor(ms) {
  const end = Date.now() + ms;
  let x = 0;
  while (Date.now() < end) x = (x * 31 + 7) | 0;
  return x;
}
function burnBeforeExec() {
  return burnFor(20);
}
function burnAfterRefusal() {
  return burnFor(300);
}

burnBeforeExec();
if (how === 'refused') {
  const { execve } = process;
  try {
    process.execve(42);
  } catch (error) {
    console.log(error.code, execve.name, execve.length);
  }
  burnAfterRefusal();
} else if (Number(times) === 0) {
  console.log('reached the end');
} else {
  const next = [process.execPath, ...process.execArgv, __filename, String(times - 1), how, directory, addonPath];
  const env = { ...process.env, HOTSPAN_EXPORT: `file:${directory}/${times - 1}` };
  if (how === 'node') process.execve(process.execPath, next, env);
  else createRequire(__filename)(addonPath).exec(...next);
}
