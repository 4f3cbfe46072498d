// What the worker thread of libraries.mjs does.
export default function task(turns) {
  let x = 1;
  for (let i = 0; i < turns; i++) x = (Math.imul(x, 31) + i) | 0;
  return x;
}
