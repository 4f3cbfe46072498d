'use strict';

exports.requiredFunction = function requiredFunction(n) {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @burn requiredFunction
  return x;
};
