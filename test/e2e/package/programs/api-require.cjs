const { start, stats, stop } = require('hotspan');
const { burnHere } = require('./burn.cjs');

start({ period: 0 });
burnHere(250);
console.log(stats().running ? 'done' : 'not running');
stop();
