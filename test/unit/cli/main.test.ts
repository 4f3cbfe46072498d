import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Command, UsageError } from '../../../src/cli/command.ts';
import { type CommandTable, dispatch } from '../../../src/cli/dispatch.ts';
import { wrap } from '../../../src/cli/help.ts';
import { optionTable } from '../../../src/options/option-table.ts';
import { recordingIo } from './recording-io.ts';

const main = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

function commandThat(run: Command['run']): CommandTable {
  const command: Command = { name: 'work', summary: 'Do it', usage: 'work [options]', options: [], run };
  return new Map([['work', async () => command]]);
}

describe('dispatch', () => {
  it('shows the version of the package', async () => {
    const io = recordingIo();
    assert.equal(await dispatch(['--version'], io), 0);
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string };
    assert.equal(io.out(), `${version}\n`);
  });

  it('lists every command in --help, -h and help, on stdout', async () => {
    for (const word of ['--help', '-h', 'help']) {
      const io = recordingIo();
      assert.equal(await dispatch([word], io), 0);
      for (const name of ['run', 'top', 'env', 'doctor']) assert.match(io.out(), new RegExp(`^  ${name} +[A-Z]`, 'm'));
      assert.equal(io.err(), '');
    }
  });

  it('shows the same help for "help COMMAND" and "COMMAND --help"', async () => {
    for (const name of ['run', 'top', 'env', 'doctor']) {
      const [one, other] = [recordingIo(), recordingIo()];
      assert.equal(await dispatch(['help', name], one), 0);
      assert.equal(await dispatch([name, '--help'], other), 0);
      assert.equal(one.out(), other.out());
      assert.match(one.out(), new RegExp(`^Usage: hotspan ${name} `, 'm'));
    }
  });

  it('has every option of the table that run takes, and no other variable, in the help of run', async () => {
    const io = recordingIo();
    await dispatch(['help', 'run'], io);
    for (const row of optionTable) {
      const flag = 'flag' in row ? row.flag : undefined;
      if (flag !== undefined) assert.match(io.out(), new RegExp(`--${flag}\\b`));
    }
    assert.doesNotMatch(io.out(), /RUN_DIR/);
  });

  it('wraps help to the terminal', async () => {
    for (const [columns, width] of [[60, 60], [200, 100]] as const) {
      const io = recordingIo({}, columns);
      await dispatch(['help', 'run'], io);
      // Examples are for copying and stay whole.
      const lines = io.out().slice(0, io.out().indexOf('Examples:')).split('\n');
      assert.deepEqual(lines.filter((line) => line.length > width), []);
      // A line that fills its width shows that the text was laid out for it, not for something narrower.
      assert.ok(Math.max(...lines.map((line) => line.length)) > width - 10);
    }
  });

  it('answers a wrong word in one line with code 2', async () => {
    const cases: readonly [string[], string][] = [
      [['rnu'], 'hotspan: unknown command rnu (did you mean run?)\n'],
      [['help', 'tpo'], 'hotspan: unknown command tpo (did you mean top?)\n'],
      [['--verison'], 'hotspan: unknown option --verison (did you mean --version?)\n'],
      [['frobnicate'], 'hotspan: unknown command frobnicate (see hotspan --help)\n'],
      [[], 'hotspan: which command? See hotspan --help\n'],
      [['run', '--raet', '5'], 'hotspan run: unknown option --raet (did you mean --rate?)\n'],
      [['doctor', '--jsn'], 'hotspan doctor: unknown option --jsn (did you mean --json?)\n'],
    ];
    for (const [argv, line] of cases) {
      const io = recordingIo();
      assert.equal(await dispatch(argv, io), 2);
      assert.deepEqual([io.err(), io.out()], [line, '']);
    }
  });

  it('gives the exit code of the command', async () => {
    assert.equal(await dispatch(['work'], recordingIo(), commandThat(async () => 7)), 7);
  });

  it('turns errors into one line: 2 for what the user can mend, 1 for ours, a stack only for debug', async () => {
    const withCode = Object.assign(new Error('bad\n  file'), { code: 'HOTSPAN_ERR_PROFILE_CORRUPT' });
    const cases: readonly [unknown, number, string][] = [
      [new UsageError('no'), 2, 'hotspan work: no\n'],
      [withCode, 2, 'hotspan work: bad file\n'],
      [new TypeError('oops'), 1, 'hotspan work: oops\n'],
      ['text', 1, 'hotspan work: text\n'],
    ];
    for (const [error, code, line] of cases) {
      const io = recordingIo();
      assert.equal(await dispatch(['work'], io, commandThat(() => Promise.reject(error))), code);
      assert.equal(io.err(), line);
    }
    const io = recordingIo({ HOTSPAN_LOG: 'debug' });
    await dispatch(['work'], io, commandThat(() => Promise.reject(new TypeError('oops'))));
    assert.match(io.err(), /^hotspan work: oops\nTypeError: oops\n +at /);
  });

  it('colours help only where wanted', async () => {
    const escape = /\u001b\[/;
    const shown = async (env: NodeJS.ProcessEnv, isTTY: boolean): Promise<string> => {
      const io = recordingIo(env);
      await dispatch(['help', 'work'], { ...io, stdout: { ...io.stdout, isTTY } }, commandThat(async () => 0));
      return io.out();
    };
    assert.match(await shown({}, true), escape);
    assert.match(await shown({ FORCE_COLOR: '1' }, false), escape);
    assert.doesNotMatch(await shown({}, false), escape);
    assert.doesNotMatch(await shown({ NO_COLOR: '1' }, true), escape);
    assert.doesNotMatch(await shown({ FORCE_COLOR: '0' }, true), escape);
  });
});

describe('wrap', () => {
  it('breaks at spaces, indents, and leaves a long word whole', () => {
    assert.deepEqual(wrap('aa bb cc', 7, 2), ['  aa bb', '  cc']);
    assert.deepEqual(wrap('a verylongword b', 6, 0), ['a', 'verylongword', 'b']);
    assert.deepEqual(wrap('', 10, 0), []);
  });
});

describe('main', () => {
  it('is quiet and keeps its exit code when the reader of its output goes away', () => {
    const script = `"${process.execPath}" --import tsx "${main}" --help; echo "code $?" >&2`;
    const { stderr } = spawnSync('/bin/sh', ['-c', `{ ${script}; } | true`], { encoding: 'utf8' });
    assert.equal(stderr, 'code 0\n');
  });
});
