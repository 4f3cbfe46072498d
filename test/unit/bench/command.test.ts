import assert from 'node:assert/strict';
import { parseCommand } from '../../../bench/command.ts';
import { scenarios } from '../../../bench/scenarios/all.ts';

const parse = (...args: string[]) => parseCommand(args, scenarios);

describe('bench command line', () => {
  it('runs all scenarios, those of the report, or the named ones', () => {
    const chosen = (...args: string[]): number | undefined => {
      const command = parse(...args);
      return command.kind === 'run' ? command.chosen.length : undefined;
    };
    assert.equal(chosen(), scenarios.length);
    assert.equal(chosen('--report'), scenarios.filter(({ about }) => about !== undefined).length);
    assert.equal(chosen('--scenario', 'idle', '--scenario', 'stall'), 2);
  });

  it('takes rounds and seed; a quick run has one round', () => {
    const command = parse('--rounds', '7', '--seed', '3');
    assert.deepEqual(command.kind === 'run' && [command.rounds, command.seed], [7, 3]);
    const quick = parse('--quick', '--rounds', '7');
    assert.equal(quick.kind === 'run' && quick.rounds, 1);
  });

  it('renders saved results, with or without a second run, and compares two', () => {
    assert.deepEqual(parse('--from', 'a.json'), { kind: 'render', files: ['a.json'] });
    assert.deepEqual(parse('--from', 'a.json', '--from', 'b.json'), { kind: 'render', files: ['a.json', 'b.json'] });
    assert.deepEqual(parse('--compare', 'a.json', 'b.json'), { kind: 'compare', files: ['a.json', 'b.json'] });
  });

  it('refuses what it does not know with one line', () => {
    assert.throws(() => parse('--scenario', 'nope'), /no scenario 'nope', there are: stall, /);
    assert.throws(() => parse('--rounds', '0'), /--rounds is '0'; give a whole number from 1 on/);
    assert.throws(() => parse('--compare', 'a.json'), /takes two files/);
    assert.throws(() => parse('stall'), /'stall' is not an option/);
    assert.throws(() => parse('--node', '/no/such/node'), /not a Node binary/);
  });

  it('tells of every scenario in its help', () => {
    const help = parse('--help');
    for (const { name } of scenarios) assert.match(help.kind === 'help' ? help.text : '', new RegExp(`^  ${name} `, 'm'));
  });
});
