// Proxies, getters, setters, Symbol.toPrimitive, Reflect: JavaScript entered from within builtins and inline caches.
import { createChecksum, times } from './checksum.mjs';

const checksum = createChecksum();
let traps = 0;
const handler = {
  get(target, key, receiver) {
    traps++;
    return Reflect.get(target, key, receiver);
  },
  has: (target, key) => (traps++, key in target),
  set(target, key, value) {
    traps++;
    target[key] = value;
    return true;
  },
  apply(target, self, args) {
    traps++;
    return Reflect.apply(target, self, args);
  },
  construct: (target, args) => (traps++, { made: args.length }),
  ownKeys: (target) => (traps++, Reflect.ownKeys(target)),
  getOwnPropertyDescriptor: (target, key) => Reflect.getOwnPropertyDescriptor(target, key),
};

class Point {
  #x = 1;
  get x() {
    return this.#x;
  }
  set x(value) {
    this.#x = value | 0;
  }
  get [Symbol.toStringTag]() {
    return 'Point';
  }
  [Symbol.toPrimitive](hint) {
    return hint === 'string' ? 'point' : this.#x;
  }
}

const nested = new Proxy(new Proxy(new Proxy({ deep: 1 }, handler), handler), handler);
const callable = new Proxy(function multiply(a, b) {
  return a * b;
}, handler);
for (let round = 0; round < times(4000) + 1; round++) {
  const point = new Point();
  point.x = round;
  point.x += nested.deep;
  nested.deep = 1;
  let sum = callable(point, 2) + new callable(1, 2, 3).made + ('deep' in nested ? 1 : 0);
  sum += Object.keys(nested).length + `${point}`.length + String({ toString: () => point.x }).length;
  for (const key in nested) sum += key.length;
  sum += [3, 1, 2].map(callable, nested).length + Object.assign({}, nested).deep;
  if (round === 1) checksum.add(sum);
}
checksum.print('proxies');
