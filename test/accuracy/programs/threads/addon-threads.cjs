// An addon's own threads beside busy JavaScript and a busy pool. Run as `addon-threads.cjs ADDON`; prints what they saw.
'use strict';
const { pbkdf2 } = require('node:crypto');
const { createRequire } = require('node:module');

const addon = createRequire(__filename)(process.argv[2]);
const seconds = Number(process.env.HOTSPAN_TEST_SECONDS ?? 2);

function busyInJs(ms) {
  let x = 1;
  for (const end = Date.now() + ms; Date.now() < end; ) for (let i = 0; i < 1e5; i++) x = (x * 31 + i) | 0;
  return x;
}

addon.startSleepers();
addon.startBurner(seconds / 2);
const end = Date.now() + seconds * 1000;
(function turn() {
  if (Date.now() >= end) return console.log(addon.finish());
  busyInJs(30);
  pbkdf2('secret', 'salt', 20_000, 64, 'sha512', turn);
})();
