const { LOAD_FIRST } = process.env;
if (LOAD_FIRST) await import(LOAD_FIRST);
const { half } = (await import('./part.js')).default;
process.exitCode = half(14);
console.log(JSON.stringify({ argv: process.argv.slice(2), compiled: globalThis.compiled }));
