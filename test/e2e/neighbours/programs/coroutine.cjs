// Native code works on a stack of its own. It lies where the main thread's could grow to, had its limit been as high when
// the process began: the kernel puts it there where it does not randomize addresses. Run as `coroutine.cjs ADDON HOTSPAN DIRECTORY`.
'use strict';
const { createRequire } = require('node:module');

const [addonPath, hotspan, directory] = process.argv.slice(2);
const addon = createRequire(__filename)(addonPath);
const isThere = addon.mapStack(500) !== 0 && addon.raiseStackLimit(1024) !== 0;
require(hotspan).start({ rate: 9999, period: 0, nativeFrames: 'all', export: `file:${directory}` });
if (isThere) addon.coroutine(300);
console.log(isThere ? 'ran' : 'no room');
process.exit();
