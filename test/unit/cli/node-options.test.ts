import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withRequired } from '../../../src/cli/node-options.ts';

describe('withRequired', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-options-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  for (const folder of ['plain', 'with space', ' two  spaces ', 'with"quote', 'back\\slash', 'both "\\ of them\\', "single'quote", 'ünïcode', '#{$HOME}%20']) {
    it(`gives Node a path in ${JSON.stringify(folder)}`, () => {
      const file = join(directory, folder, 'preload.cjs');
      mkdirSync(join(directory, folder));
      writeFileSync(file, "process.stdout.write('loaded ');");
      for (const existing of [undefined, '', '--no-warnings', `--title="a b" --no-warnings`]) {
        const NODE_OPTIONS = withRequired(existing, file);
        const output = execFileSync(process.execPath, ['-p', 'process.title'], { encoding: 'utf8', env: { NODE_OPTIONS } });
        assert.match(output, existing?.includes('title') ? /^loaded a b$/m : /^loaded /, NODE_OPTIONS);
        assert.equal(withRequired(NODE_OPTIONS, file), NODE_OPTIONS, 'it is given twice');
      }
    });
  }
});
