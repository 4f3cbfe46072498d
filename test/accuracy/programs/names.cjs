'use strict';
const n = 3e7;

function Old() {
  let x = note('function as constructor', new Error());
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name function as constructor
}

Old.prototype.assigned = function () {
  let x = note('prototype method', new Error());
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name prototype method
  return x;
};

new Old().assigned();
let x = note('commonjs top level', new Error());
for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name commonjs top level
