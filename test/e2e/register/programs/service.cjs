// Burns a little again and again until it is ended. Modes: `plain`, `handler` (ends itself at SIGTERM with code 7),
// `busy` (never returns to the event loop). Others stop a server as frameworks do and end by the same signal after that:
// `once`, `remove` (all listeners), `later` (in a later turn), `two` (with two listeners, which go one by one), `gone`
// (the listener went before the signal came). `self` sends itself SIGTERM, and burns elsewhere if that does not end it.
'use strict';

function burnService(ms) {
  const end = Date.now() + ms;
  let x = 0;
  while (Date.now() < end) x = (x * 31 + 7) | 0;
  return x;
}

const mode = process.argv[2];
if (mode === 'handler') process.on('SIGTERM', () => process.exit(7));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  const raise = () => process.kill(process.pid, signal);
  const stopped = () => new Promise((resolve) => setTimeout(resolve, 30));
  if (mode === 'once') process.once(signal, async () => (await stopped(), raise()));
  if (mode === 'remove') process.on(signal, async () => (await stopped(), process.removeAllListeners(signal), raise()));
  if (mode === 'later') process.once(signal, () => setTimeout(raise, 50));
  if (mode === 'two') {
    const listener = () => (process.off(signal, listener), process.off(signal, nothing), setImmediate(raise));
    const nothing = () => {};
    process.on(signal, listener).on(signal, nothing);
  }
  if (mode === 'gone') {
    const listener = () => {};
    process.on(signal, listener);
    setTimeout(() => process.off(signal, listener), 200);
  }
}
function burnAfterwards() {
  burnService(300);
}
if (mode === 'self') {
  setTimeout(() => process.kill(process.pid, 'SIGTERM'), 400);
  setTimeout(() => (burnAfterwards(), process.exit(5)), 900);
}
setTimeout(() => console.log('ready'), 400);
setTimeout(() => {
  if (mode === 'busy') for (;;) burnService(50);
}, 500);
setInterval(() => burnService(20), 40);
