// Burns a little again and again until it is ended. Modes: `plain`, `handler` (ends itself at SIGTERM with code 7),
// `busy` (never returns to the event loop).
'use strict';

function burnService(ms) {
  const end = Date.now() + ms;
  let x = 0;
  while (Date.now() < end) x = (x * 31 + 7) | 0;
  return x;
}

const mode = process.argv[2];
if (mode === 'handler') process.on('SIGTERM', () => process.exit(7));
setTimeout(() => console.log('ready'), 400);
setTimeout(() => {
  if (mode === 'busy') for (;;) burnService(50);
}, 500);
setInterval(() => burnService(20), 40);
