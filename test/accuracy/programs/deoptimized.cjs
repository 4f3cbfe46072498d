// Functions that lost their optimized code while they run: the callers' frames are V8's interpreter's by then.
'use strict';

function burnBelow(ms) {
  const end = performance.now() + ms;
  let x = 0;
  while (performance.now() < end) for (let i = 0; i < 1000; i++) x += Math.sqrt(i);
  return x;
}

function deoptimizedLeaf(state, burn) {
  state.x = (state.x * 31 + 7) | 0;
  if (burn) return burnBelow(60);
  return 0;
}

function deoptimizedCaller(state, burn) {
  state.y = (state.y + state.x) | 0;
  return deoptimizedLeaf(state, burn);
}

function warmUp(state) {
  const end = performance.now() + 30;
  while (performance.now() < end) for (let i = 0; i < 1000; i++) deoptimizedCaller(state, false);
}

for (let round = 0; round < 8; round++) {
  // Functions of their own, which have never met the branch that burns.
  const fresh = new Function(
    'burnBelow',
    `${deoptimizedLeaf}\n${deoptimizedCaller}\n${warmUp}\nreturn { deoptimizedCaller, warmUp };`,
  )(burnBelow);
  const state = { x: 1, y: 1 };
  fresh.warmUp(state);
  fresh.deoptimizedCaller(state, true);
}
