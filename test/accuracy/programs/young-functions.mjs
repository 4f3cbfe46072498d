// Functions that are made anew for each call, so that scavenges move or free them while their samples wait to be
// resolved, and others take their places. Each spends its time in a function of V8's, whose frame does not tell the
// caller: only the JSFunction does.
const numbers = Array.from({ length: 4_000 }, (_, i) => i + 0.5);
const burnMs = 1500;
let kept = [];

/** Garbage, some of which lives for a scavenge or two. */
function litter(n) {
  for (let i = 0; i < n; i++) kept[i % 64] = { i, items: [i, i + 1], text: `item ${i}` };
}

class Shelf {
  search(of) {
    litter(300);
    return of.lastIndexOf(-1);
  }
}

const makers = {
  inAlpha: () => function alpha(of) { litter(300); return of.lastIndexOf(-1); },
  inBeta: () => function beta(of) { litter(300); return of.lastIndexOf(-1); },
  inGamma: () => (of) => { litter(300); return of.lastIndexOf(-1); },
  inShelf: () => { const shelf = new Shelf(); return (of) => shelf.search(of); },
};

let sum = 0;
const steps = Object.entries(makers).map(([name, make]) => new Function('make', 'numbers', `return function ${name}() { return make()(numbers); }`)(make, numbers));
const ready = performance.now() + 200;
while (performance.now() < ready) litter(100);
for (const until = performance.now() + burnMs; performance.now() < until; ) for (const step of steps) sum += step();
console.log(sum < 0);
