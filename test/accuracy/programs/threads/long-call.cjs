// One native call that takes longer than there is room for samples at 2,000 Hz. Prints the CPU time it took, in ns.
'use strict';
const { pbkdf2Sync } = require('node:crypto');
const { cpuNs } = require('../burn.cjs');

function deriveLong() {
  return pbkdf2Sync('secret', 'salt', 3_000_000, 64, 'sha512')[0];
}

const before = cpuNs();
deriveLong();
console.log(cpuNs() - before);
