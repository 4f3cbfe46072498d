// ES modules that burn CPU at their top level, each with other contents. Prints the name of each.
const burn = 'const until = process.cpuUsage().user + 60_000; let x = 1;\nwhile (process.cpuUsage().user < until) for (let i = 0; i < 20_000; i++) x = (Math.imul(x, 31) + i) | 0;';
const many = Array.from({ length: 120 }, (_, i) => `let v${i} = () => v${i};`).join('\n');
const modules = {
  plain: burn,
  importing: `import { cpus } from 'node:os';\nexport const used = cpus;\n${burn}`,
  exporting: `${burn}\nexport { x, until };\nexport default class Named { #field = () => x; }`,
  awaiting: `await null;\n${burn}\nawait null;`,
  closedOver: `${burn}\nexport const read = () => x;`,
  manyVariables: `${many}\n${burn}`,
  manyAwaiting: `${many}\nawait null;\n${burn}\nexport const read = () => x;`,
};
for (const [name, text] of Object.entries(modules)) {
  await import(`data:text/javascript,${encodeURIComponent(`${text}\n//# sourceURL=top-${name}.mjs\n`)}`);
}
console.log(JSON.stringify(Object.keys(modules)));
