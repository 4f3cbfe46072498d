// Bundled and minified by the test: names, files and lines must come out as they are here.
import { burn, report } from '../burn.cjs';
import { hashText } from './hash-text.mjs';
import { Tokenizer } from './tokenizer.mjs';

const renderTemplate = (n) => {
  let x = n | 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0; // @burn renderTemplate
  return x;
};

function rareFunction(n) {
  const start = n | 1;
  let x = start;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 69069) + start) | 0; // @burn rareFunction
  return x;
}

const tokenizer = new Tokenizer();
burn([
  { name: 'hashText', share: 0.5, fn: hashText },
  { name: 'readTokens', share: 0.3, fn: (n) => tokenizer.readTokens(n) },
  { name: 'renderTemplate', share: 0.14, fn: renderTemplate },
  { name: 'rareFunction', share: 0.06, fn: rareFunction },
]).then(report);
