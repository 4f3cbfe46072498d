// Loads hotspan by require() and by import, and a second time after a hot reload that drops what require.cache lists.
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const dist = join(__dirname, '../../../../dist');
(async () => {
  const first = require(join(dist, 'index.cjs'));
  const imported = await import(pathToFileURL(join(dist, 'index.js')).href);
  if (!first.stats().running) first.start();
  for (const file of Object.keys(require.cache)) delete require.cache[file];
  require(join(dist, 'register.cjs'));
  const again = require(join(dist, 'index.cjs'));
  console.log(JSON.stringify({
    names: Object.keys(imported).filter((name) => name !== 'default' && name !== 'module.exports').sort(),
    different: Object.keys(first).filter((name) => imported[name] !== first[name]),
    running: [first, imported, again].map(({ stats }) => stats().running),
  }));
  await imported.stop();
  console.log(JSON.stringify([first, imported, again].map(({ stats }) => stats().running)));
})();
