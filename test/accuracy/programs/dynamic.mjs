// Code made at run time: eval with and without a name, new Function, vm contexts.
import vm from 'node:vm';
import { addLines, burn, report } from './burn.cjs';

const bodyOf = (name, factor) => `
(function ${name}(n) {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, ${factor}) + 12345) | 0;
  return x;
})`;

const evaluatedNamed = (0, eval)(`${bodyOf('evaluatedNamed', 1103515245)}\n//# sourceURL=evaluated-named.js`);
const evaluatedPlain = eval(bodyOf('evaluatedPlain', 1664525));
const constructed = new Function(`return ${bodyOf('constructed', 22695477).trim()}`)();
const inContext = new vm.Script(bodyOf('inContext', 69069), { filename: 'in-context.js' }).runInContext(vm.createContext({}));
const inNewContext = vm.runInNewContext(bodyOf('inNewContext', 134775813), {}, { filename: '/virtual/in-new-context.js', lineOffset: 100 });

addLines({
  evaluatedNamed: { file: 'evaluated-named.js', line: 4 },
  evaluatedPlain: { line: 4 },
  constructed: { line: 5 }, // new Function puts a head of two lines before the body
  inContext: { file: 'in-context.js', line: 4 },
  inNewContext: { file: 'in-new-context.js', line: 104 },
});
await burn([
  { name: 'evaluatedNamed', share: 0.35, fn: evaluatedNamed },
  { name: 'evaluatedPlain', share: 0.2, fn: evaluatedPlain },
  { name: 'constructed', share: 0.2, fn: constructed },
  { name: 'inContext', share: 0.15, fn: inContext },
  { name: 'inNewContext', share: 0.1, fn: inNewContext },
]);
report();
