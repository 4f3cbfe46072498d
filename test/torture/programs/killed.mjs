// @signal SIGTERM
// @profile none
// Dies by its own signal: the profiler must not turn that into an exit.
let x = 1;
for (let i = 0; i < 5e6; i++) x = (Math.imul(x, 69069) + 1) | 0;
console.log('killed', x);
process.kill(process.pid, 'SIGTERM');
setInterval(() => {}, 1000);
