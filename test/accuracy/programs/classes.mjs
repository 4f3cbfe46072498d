// Methods, statics, constructors, inheritance, getters, generators, async functions.
import { burn, report } from './burn.cjs';

class Shape {
  constructor(seed) {
    this.seed = seed | 1;
  }

  methodLarge(n) {
    let x = this.seed;
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @burn methodLarge
    this.seed = x | 1;
    return x;
  }

  inheritedMethod(n) {
    const seed = this.seed;
    let x = seed;
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1664525) + seed) | 0; // @burn inheritedMethod
    return x;
  }

  static staticMethod(n) {
    let x = n | 1;
    for (let i = 0; i < n; i++) x = (Math.imul(x, 22695477) + 1) | 0; // @burn staticMethod
    return x;
  }
}

class Circle extends Shape {
  size = 0;

  get burningGetter() {
    let x = this.seed;
    const size = this.size;
    for (let i = 0; i < size; i++) x = (Math.imul(x, 69069) + 1) | 0; // @burn burningGetter
    return x;
  }
}

class Vector {
  constructor(n) {
    let x = n | 1;
    for (let i = 0; i < n; i++) x = (Math.imul(x, 134775813) + 1) | 0; // @burn Vector
    this.x = x;
  }
}

function* generateNumbers(n) {
  let x = n | 1;
  for (let done = 0; done < n; done += 50000) {
    for (let i = 0; i < 50000; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @burn generateNumbers
    yield x;
  }
}

async function afterAwait(n) {
  let x = n | 1;
  for (let done = 0; done < n; done += 50000) {
    await null;
    for (let i = 0; i < 50000; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0; // @burn afterAwait
  }
  return x;
}

async function* asyncNumbers(n) {
  let x = n | 1;
  for (let done = 0; done < n; done += 50000) {
    for (let i = 0; i < 50000; i++) x = (Math.imul(x, 22695477) + 1) | 0; // @burn asyncNumbers
    yield x;
  }
}

const circle = new Circle(77);
await burn([
  { name: 'methodLarge', share: 0.26, fn: (n) => circle.methodLarge(n) },
  { name: 'inheritedMethod', share: 0.15, fn: (n) => circle.inheritedMethod(n) },
  { name: 'staticMethod', share: 0.12, fn: (n) => Circle.staticMethod(n) },
  { name: 'Vector', share: 0.1, fn: (n) => new Vector(n).x },
  {
    name: 'burningGetter',
    share: 0.08,
    fn: (n) => {
      circle.size = n;
      return circle.burningGetter;
    },
  },
  {
    name: 'generateNumbers',
    share: 0.12,
    fn: (n) => {
      let x = 0;
      for (const value of generateNumbers(n)) x ^= value;
      return x;
    },
  },
  { name: 'afterAwait', share: 0.1, fn: afterAwait },
  {
    name: 'asyncNumbers',
    share: 0.07,
    fn: async (n) => {
      let x = 0;
      for await (const value of asyncNumbers(n)) x ^= value;
      return x;
    },
  },
]);
report();
