import { start, stats, stop } from 'hotspan';
import { burnHere } from './burn.cjs';

start({ period: 0 });
burnHere(250);
console.log(stats().running ? 'done' : 'not running');
await stop();
