// Code that comes and goes: eval, new Function, scripts and contexts of vm, all garbage soon after.
import vm from 'node:vm';
import { createChecksum, times } from './checksum.mjs';

const checksum = createChecksum();
const body = (salt) => `(function made${salt}(n) {
  let x = n;
  for (let i = 0; i < 3000; i++) x = (Math.imul(x, 69069) + ${salt}) | 0;
  return x;
})`;

let context = vm.createContext({ shared: 1 });
for (let round = 0; round < times(60); round++) {
  if (round % 10 === 9) context = vm.createContext({ shared: round });
  const results = [
    eval(body(round))(7),
    (0, eval)(body(round))(7),
    new Function('n', `return ${body(round)}(n)`)(7),
    vm.runInContext(body(round), context, { filename: `made-${round}.js` })(7),
    new vm.Script(`${body(round)}(7)`).runInThisContext(),
    vm.compileFunction(`return ${body(round)}(n)`, ['n'], { parsingContext: context })(7),
  ];
  if (results.some((result) => result !== results[0])) throw new Error(`round ${round}: ${results}`);
  if (round === 0) checksum.add(results[0]);
}
let inner = '';
try {
  vm.runInContext('(function thrower() { throw new RangeError("from a context") })()', context);
} catch (error) {
  inner = `${error.name} ${error instanceof RangeError}`;
}
checksum.add(inner);
try {
  vm.runInNewContext('for (;;);', {}, { timeout: 30 });
} catch (error) {
  checksum.add(error.code); // another thread terminates execution while samples arrive
}
checksum.print('evaluated-code');
