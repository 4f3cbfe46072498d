// Prints what an entry can see of how it was loaded.
if (process.env.LOAD_FIRST) require(process.env.LOAD_FIRST);
const half: (x: number) => number = require("./part.js").half;
process.exitCode = half(14);
console.log(JSON.stringify({
  id: module.id, parent: module.parent, isMain: require.main === module, isMainModule: process.mainModule === module,
  argv: process.argv.slice(2), cached: Object.keys(require.cache), children: module.children.map(({ id }) => id).filter((id) => id !== process.env.LOAD_FIRST), compiled: globalThis.compiled,
}));
