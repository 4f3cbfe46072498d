// Code by the thousand: functions that differ in name and text, compiled and run once or twice, as in a large app.

/** Compiles `count` functions in scripts of 500 and calls each; returns a function that calls some of them again. */
export function loadFunctions(count, name = 'loaded') {
  const all = [];
  for (let first = 0; first < count; first += 500) {
    const numbers = Array.from({ length: Math.min(500, count - first) }, (_, i) => first + i);
    all.push(...new Function(`return [${numbers.map((n) => source(`${name}_${n}`, n)).join(',\n')}]`)());
  }
  let x = 1;
  for (const fn of all) x = fn(x, 3);
  let next = 0;
  return (calls) => {
    for (let i = 0; i < calls; i++) x = all[(next += 7919) % all.length](x, 200);
    return x;
  };
}

const source = (name, n) => `function ${name}(x, n) {
  const state = { id: ${n}, x };
  for (let i = 0; i < n; i++) state.x = (Math.imul(state.x ^ i, ${2 * n + 31}) + state.id) | 0;
  return state.x > ${n} ? state.x : state.x + ${n};
}`;
