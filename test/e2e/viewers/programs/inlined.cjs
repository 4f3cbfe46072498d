// innerStep is inlined into middleStep, which is inlined into outerLoop.
'use strict';
function innerStep(x, i) {
  return (Math.imul(x, 31) + i) | 0;
}
function middleStep(x, i) {
  let y = x;
  for (let k = 0; k < 8; k++) y = innerStep(y, i + k);
  return y ^ i;
}
function outerLoop(ms) {
  const end = performance.now() + ms;
  let x = 1;
  while (performance.now() < end) for (let i = 0; i < 3000; i++) x = middleStep(x, i);
  return x;
}
for (let i = 0; i < 20; i++) outerLoop(40);
