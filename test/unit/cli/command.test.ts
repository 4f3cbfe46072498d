import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type CliOption, UsageError, parseCommandLine } from '../../../src/cli/command.ts';

const options: readonly CliOption[] = [
  { flag: 'out', short: 'o', kind: 'string', valueName: 'DIR', default: './profiles', help: 'Where' },
  { flag: 'rows', short: 'n', kind: 'number', default: 10, help: 'Rows' },
  { flag: 'json', kind: 'boolean', help: 'As JSON' },
  { flag: 'label', kind: 'string', multiple: true, help: 'Labels' },
  { flag: 'by', kind: 'string', choices: ['function', 'line'], help: 'Rows are' },
];
const parse = (...argv: string[]) => parseCommandLine({ options }, argv);
const parseRun = (...argv: string[]) => parseCommandLine({ options, stopAtFirstPositional: true }, argv);

function refuses(argv: string[], message: RegExp): void {
  assert.throws(() => parse(...argv), (error: unknown) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, message);
    return true;
  });
}

describe('parseCommandLine', () => {
  it('gives defaults, and undefined for what has none', () => {
    const { values, positionals, rest } = parse();
    assert.deepEqual(values, { out: './profiles', rows: 10 });
    assert.deepEqual([positionals, rest], [[], []]);
  });

  it('reads every way to write an option', () => {
    assert.equal(parse('--out', 'x').values['out'], 'x');
    assert.equal(parse('--out=x=y').values['out'], 'x=y');
    assert.equal(parse('-o', 'x').values['out'], 'x');
    assert.equal(parse('-n5').values['rows'], 5);
    assert.equal(parse('-n', '-5').values['rows'], -5);
    assert.equal(parse('--json').values['json'], true);
    assert.deepEqual(parse('--label', 'a=1', '--label=b=2').values['label'], ['a=1', 'b=2']);
    assert.equal(parse('--out', 'x', '--out', 'y').values['out'], 'y');
  });

  it('keeps what stands after -- untouched', () => {
    assert.deepEqual(parse('a', '--json', 'b', '--', '--json', '--', '-x').rest, ['--json', '--', '-x']);
    assert.deepEqual(parse('a', '--json', 'b', '--', 'c').positionals, ['a', 'b']);
  });

  it('leaves all from the first positional on to the command where asked', () => {
    const { values, positionals, rest } = parseRun('-n', '3', 'node', '--json', '--help', '--', 'x');
    assert.deepEqual(rest, ['node', '--json', '--help', '--', 'x']);
    assert.deepEqual(positionals, []);
    assert.deepEqual(values, { out: './profiles', rows: 3 });
    assert.deepEqual(parseRun('--', '--odd-name').rest, ['--odd-name']);
    assert.equal(parseRun('--help', 'node').values['help'], true);
  });

  it('hints at the option meant', () => {
    refuses(['--jsno'], /^unknown option --jsno \(did you mean --json\?\)$/);
    refuses(['--colour'], /^unknown option --colour \(--help lists them\)$/);
    refuses(['-x'], /^unknown option -x/);
  });

  it('refuses missing, superfluous and wrong values', () => {
    refuses(['--out'], /^--out needs a value: --out DIR$/);
    refuses(['--out', '--json'], /^--out needs a value/);
    assert.equal(parse('--out=--json').values['out'], '--json');
    refuses(['--json=yes'], /^--json takes no value, got "yes"$/);
    for (const text of ['abc', '', '1e999', '5x']) refuses(['--rows', text], /^--rows expects a number, got /);
    refuses(['--by', 'file'], /^--by accepts function, line; got "file"$/);
  });

  it('never loses a word of a command', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('--', '--json', '-n', '--out=x'))), (words) => {
        assert.deepEqual(parseRun('--json', '--', ...words).rest, words);
        assert.deepEqual(parseRun('--json', 'node', ...words).rest, ['node', ...words]);
      }),
    );
  });
});
