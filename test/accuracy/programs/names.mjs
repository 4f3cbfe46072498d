// Every function tells its name as a stack trace shows it, then burns on a line marked `@name tag`.
import { createRequire } from 'node:module';
import vm from 'node:vm';

const names = {};
globalThis.names = names;
const n = 3e7;

// The very first milliseconds are resolved without the builtins' symbols: slow-disk.test.ts has that.
const ready = performance.now() + 200;
while (performance.now() < ready);

/** The name in the top line of a stack, without the place: `Base.method`; `<anonymous>` where there is none. */
function note(tag, error) {
  const line = error.stack.split('\n')[1].trim().replace(/^at /, '');
  names[tag] = / \(/.test(line) ? line.slice(0, line.indexOf(' (')) : '<anonymous>';
  return 1;
}
globalThis.note = note;

function plain() {
  let x = note('plain', new Error());
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name plain
  return x;
}

class Base {
  constructor() {
    let x = note('constructor', new Error());
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name constructor
  }

  method() {
    let x = note('method', new Error());
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name method
    return x;
  }

  inherited() {
    let x = note('inherited', new Error());
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name inherited
    return x;
  }

  static fixed() {
    let x = note('static', new Error());
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name static
    return x;
  }

  get property() {
    let x = note('getter', new Error());
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name getter
    return x;
  }

  #hidden() {
    let x = note('private', new Error());
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name private
    return x;
  }

  callHidden() {
    return this.#hidden();
  }

  *generator() {
    let x = note('generator method', new Error());
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name generator method
    yield x;
  }

  async later() {
    await null;
    let x = note('async method', new Error());
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name async method
    return x;
  }
}

class Derived extends Base {
  constructor() {
    super();
    let x = note('derived constructor', new Error());
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name derived constructor
  }

  own() {
    let x = note('derived method', new Error());
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name derived method
    return x;
  }
}

const arrow = () => {
  let x = note('arrow', new Error());
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name arrow
  return x;
};

async function asyncFunction() {
  await null;
  let x = note('async function', new Error());
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name async function
  return x;
}

function* generatorFunction() {
  let x = note('generator function', new Error());
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name generator function
  yield x;
}

async function* asyncGenerator() {
  let x = note('async generator', new Error());
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name async generator
  yield x;
}

const literal = {
  literalMethod() {
    let x = note('object literal', new Error());
    for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name object literal
    return x;
  },
};

plain();
const derived = new Derived();
derived.own();
derived.inherited();
Base.prototype.method.call(Object.create(Base.prototype));
Base.fixed();
void derived.property;
derived.callHidden();
derived.generator().next();
await derived.later();
arrow();
await asyncFunction();
generatorFunction().next();
await asyncGenerator().next();
literal.literalMethod();
[1].forEach(() => {
  let x = note('anonymous callback', new Error());
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345) | 0; // @name anonymous callback
  return x;
});
eval(`(function evaluated() {
  let x = note('eval', new Error());
  for (let i = 0; i < 3e7; i++) x = (Math.imul(x, 1103515245) + 12345) | 0;
})()
//# sourceURL=names-eval.js`);
vm.runInThisContext(`(function inVm() {
  let x = note('vm', new Error());
  for (let i = 0; i < 3e7; i++) x = (Math.imul(x, 1103515245) + 12345) | 0;
})()`, { filename: 'names-vm.js' });
createRequire(import.meta.url)('./names.cjs');

let top = note('module top level', new Error());
for (let i = 0; i < n; i++) top = (Math.imul(top, 1103515245) + 12345) | 0; // @name module top level
console.log(JSON.stringify(names));
