import { capture, start, stats, stop } from 'hotspan';
import { burnHere } from './burn.cjs';

start({ period: 0 });
burnHere(150);
console.log(stats().running ? 'running' : 'not running');
capture({ seconds: 0.1 })
  .then(() => 'none', (error) => error.message)
  .then((wrong) => console.log(`wrong: ${wrong}`))
  .then(stop); // no await: it may become CommonJS
