import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dispatch } from '../../../src/cli/dispatch.ts';
import { envCommand } from '../../../src/cli/env.ts';
import { registerPath } from '../../../src/cli/node-options.ts';
import { recordingIo } from './recording-io.ts';

const commands = new Map([['env', async () => envCommand]]);

async function output(env: NodeJS.ProcessEnv, ...argv: string[]): Promise<string> {
  const io = recordingIo(env);
  assert.equal(await dispatch(['env', ...argv], io, commands), 0, io.err());
  return io.out();
}

describe('hotspan env', () => {
  it('prints what a shell evaluates to the value, whatever NODE_OPTIONS held', async () => {
    for (const NODE_OPTIONS of [undefined, '--no-warnings', `--title="it's $HOME \`x\`"`]) {
      const line = await output({ NODE_OPTIONS });
      const value = await output({ NODE_OPTIONS }, '--value');
      const evaluated = execFileSync('/bin/sh', ['-c', `eval "$LINE"; printf '%s\\n' "$NODE_OPTIONS"`], { env: { LINE: line }, encoding: 'utf8' });
      assert.equal(evaluated, value);
      assert.equal(value, `${NODE_OPTIONS === undefined ? '' : `${NODE_OPTIONS} `}--require=${registerPath}\n`);
    }
  });

  it('adds nothing to an environment that has it', async () => {
    const value = (await output({}, '--value')).trim();
    assert.equal((await output({ NODE_OPTIONS: value }, '--value')).trim(), value);
  });

  it('takes no command', async () => {
    for (const argv of [['node', 'app.js'], ['--', 'node']]) {
      const io = recordingIo();
      assert.equal(await dispatch(['env', ...argv], io, commands), 2, io.err());
      assert.match(io.err(), /^hotspan env: unexpected "node": [^\n]*hotspan run\n$/);
    }
  });
});
