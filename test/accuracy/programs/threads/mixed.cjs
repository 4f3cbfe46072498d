// JavaScript and native code in one stack. Run as `mixed.cjs ADDON`; `-` leaves the addon out. Prints CPU time by part.
'use strict';
const { pbkdf2Sync } = require('node:crypto');
const { createRequire } = require('node:module');
const { burn, report } = require('../burn.cjs');

const [path] = process.argv.slice(2);
const addon = path === '-' ? undefined : createRequire(__filename)(path);
const tree = Array.from({ length: 200 }, (_, i) => ({ id: i, name: `node ${i}`, list: [i, i / 3, `${i}`], nested: { a: { b: i } } }));

function stringifyTree(n) {
  let length = 0;
  for (let i = 0; i < n; i++) length += JSON.stringify(tree).length; // @burn stringifyTree
  return length;
}

function deriveKey(n) {
  return pbkdf2Sync('secret', 'salt', 50 * n, 64, 'sha512')[0]; // @burn deriveKey
}

function spinInJs(n) {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 69069) + 1) | 0; // @burn spinInJs
  return x;
}

function throughAddon(n) {
  return addon.callBack(function calledBack() {
    return spinInJs(n); // the call back
  });
}

function spinInAddon(n) {
  addon.spinHere(n); // @burn spinInAddon
  return n;
}

const plan = [
  { name: 'stringifyTree', share: 0.3, fn: stringifyTree },
  { name: 'deriveKey', share: 0.3, fn: deriveKey },
];
if (addon) {
  plan.push({ name: 'spinInJs', share: 0.2, fn: throughAddon });
  plan.push({ name: 'spinInAddon', share: 0.2, fn: spinInAddon });
}
burn(plan, Number(process.env.HOTSPAN_TEST_SECONDS ?? 2)).then(report);
