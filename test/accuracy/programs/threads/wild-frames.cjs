// Native code that keeps anything but a frame pointer in its register, called by JavaScript and on a thread of its own.
// Run as `wild-frames.cjs ADDON`.
'use strict';
const { createRequire } = require('node:module');

createRequire(__filename)(process.argv[2]).spinWild(1);
console.log('done');
