import assert from 'node:assert/strict';

import { acceptedDifferences, testCommand } from '../../../scripts/node-suite/test-file.ts';

describe('node-suite: test-file', () => {
  it('reads flags and environment from the comments of a test', () => {
    const text = "'use strict';\n// Flags: --expose-gc --max-old-space-size=64\n// Env: A=1 B=x=y\n// Flags: --no-warnings\nconst a = '// Flags: --not-one';\n";
    assert.deepEqual(testCommand(text), { flags: ['--expose-gc', '--max-old-space-size=64', '--no-warnings'], env: { A: '1', B: 'x=y' } });
  });

  it('gives no flags to a test that names none', () => {
    assert.deepEqual(testCommand("'use strict';\n"), { flags: [], env: {} });
  });

  it('accepts the tests of its own section only', () => {
    const page = "# P\n\n## Other\n\n| `test-a.js` | x |\n\n## Node's own tests\n\ntext\n\n| Test | Why |\n|---|---|\n| `test-b.js` | counts modules |\n| `test-c-d.mjs` | y |\n\n## Last\n\n| `test-e.js` | z |\n";
    assert.deepEqual([...acceptedDifferences(page)], ['test-b.js', 'test-c-d.mjs']);
  });
});
