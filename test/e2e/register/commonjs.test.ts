import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { runProgram } from '../../support/run-program.ts';

const dist = fileURLToPath(new URL('../../../dist/', import.meta.url));
const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.cjs')).map((name) => join(dist, name));

describe('what runs in an app', () => {
  it('is CommonJS', () => {
    assert.ok(files.length > 15, files.join('\n'));
    for (const file of files) assert.doesNotMatch(readFileSync(file, 'utf8'), /^(?:import|export)\b|\bimport\.meta\b/m, file);
  });

  it('has names that a reader of a stack trace takes for hotspan', () => {
    const chunks = files.filter((file) => file.includes('/chunks/')).map((file) => basename(file));
    assert.deepEqual(chunks.filter((name) => !name.startsWith('hotspan-')), []);
    assert.deepEqual(files.filter((file) => /dd-trace|opentelemetry|datadog/.test(basename(file))), []);
  });

  for (const node of nodesUnderTest()) {
    // A worker that is terminated while it requires an ES module ends the process on Node 22.
    it(`requires no ES module on Node ${node.version}`, async () => {
      const requests = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\brequire\("([^"]+)"\)/g)].map(([, target]) => [file, target]));
      assert.ok(requests.length > 10, requests.join('\n'));
      // The entry of a worker thread ends where there is no worker, and nothing requires it.
      const script = `for (const [file, target] of ${JSON.stringify(requests)}) require('node:module').createRequire(file)(target);`;
      const result = await runProgram({ node: node.path, args: ['--no-experimental-require-module', '-e', script], timeoutMs: 30_000 });
      assert.deepEqual([result.code, result.stderr], [0, '']);
    });
  }
});
