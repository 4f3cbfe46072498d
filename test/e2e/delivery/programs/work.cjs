// Works for argv[2] ms (400) in pieces, so that its event loop turns, and ends.
'use strict';
const end = performance.now() + Number(process.argv[2] ?? 400);
function piece() {
  let x = 1;
  for (let i = 0; i < 2e6; i++) x = (Math.imul(x, 31) + i) | 0;
  if (performance.now() < end) setTimeout(piece, 1);
  return x;
}
piece();
