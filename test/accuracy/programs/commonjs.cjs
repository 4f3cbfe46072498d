// CommonJS: a module's top level, exports, a prototype method, and one function in which two lines burn.
'use strict';
const { addTruth, burn, cpuNs, report } = require('./burn.cjs');
const { requiredFunction } = require('./commonjs-part.cjs');

const topLevelStart = cpuNs();
let top = 1;
for (let i = 0; i < 1e8; i++) top = (Math.imul(top, 1103515245) + 12345) | 0; // @burn <anonymous>
addTruth('<anonymous>', cpuNs() - topLevelStart);

let which = 'a';
function twoLines(n) {
  let x = n | 1;
  if (which === 'a') {
    for (let i = 0; i < n; i++) x = (Math.imul(x, 22695477) + 1) | 0; // @burn twoLines:a
  } else {
    for (let i = 0; i < n; i++) x = (Math.imul(x, 69069) + 1) | 0; // @burn twoLines:b
  }
  return x;
}

const burnLine = (line) => (n) => {
  which = line;
  return twoLines(n);
};

function Tree(seed) {
  this.seed = seed;
}

Tree.prototype.prototypeMethod = function (n) {
  let x = this.seed;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0; // @burn prototypeMethod
  return x;
};

exports.exportedArrow = (n) => {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 134775813) + top) | 0; // @burn exportedArrow
  return x;
};

const tree = new Tree(9);
burn([
  { name: 'twoLines:a', share: 0.3, fn: burnLine('a') },
  { name: 'twoLines:b', share: 0.1, fn: burnLine('b') },
  { name: 'prototypeMethod', share: 0.25, fn: (n) => tree.prototypeMethod(n) },
  { name: 'exportedArrow', share: 0.15, fn: exports.exportedArrow },
  { name: 'requiredFunction', share: 0.2, fn: requiredFunction },
], 2.8).then(report);
