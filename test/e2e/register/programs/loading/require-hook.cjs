// As ts-node, @swc-node/register, @babel/register and nyc do: compiles what require() loads.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname } = require('node:path');

globalThis.compiled = [];
for (const ending of ['.ts', '.js']) {
  const original = Module._extensions[ending] ?? Module._extensions['.js'];
  Module._extensions[ending] = (module, file) => {
    if (dirname(file) !== __dirname) return original(module, file);
    globalThis.compiled.push(file);
    module._compile(readFileSync(file, 'utf8').replace(/^const half: .* = /m, 'const half = '), file);
  };
}
