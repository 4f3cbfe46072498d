import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { diffTable, type DiffRow } from '../../../src/analyze/diff.ts';
import { renderDiff, renderDiffMarkdown } from '../../../src/analyze/render-diff.ts';
import { buildProfile, profileArbitrary, type StackSample } from '../profile/sample-profile.ts';

const types = ['samples/count', 'cpu/nanoseconds'];

function profileOf(stacks: Readonly<Record<string, number>>) {
  const samples = Object.entries(stacks).map(([stack, value]): StackSample => ({ stack: stack.split(' '), values: [1, value] }));
  return buildProfile({ types, samples, header: { defaultType: 'cpu' } });
}

const rowOf = (rows: readonly DiffRow[], name: string): DiffRow => {
  const row = rows.find((each) => each.name === name);
  assert.ok(row, `${name} has no row`);
  return row;
};

describe('diffTable', () => {
  const base = profileOf({ 'hash@/a.js main@/m.js': 100, 'parse@/a.js main@/m.js': 100 });
  const head = profileOf({ 'hash@/a.js main@/m.js': 160, 'parse@/a.js main@/m.js': 40 });

  it('gives both sides, absolute and as shares, largest change first', () => {
    const { rows, total } = diffTable([base], [head]);
    assert.deepEqual(rows.map(({ name, flat }) => [name, flat.delta]), [['hash', 60], ['parse', -60], ['main', 0]]);
    assert.deepEqual(rows[0]?.flat, { base: 100, head: 160, delta: 60, basePercent: 50, headPercent: 80, deltaPercent: 30 });
    assert.deepEqual([total.base, total.head, rowOf(rows, 'main').cum.delta], [200, 200, 0]);
  });

  it('takes means of several profiles a side', () => {
    const { rows, baseCount } = diffTable([base, base, base], [head]);
    assert.deepEqual([baseCount, rowOf(rows, 'hash').flat.base, rowOf(rows, 'hash').flat.basePercent], [3, 100, 50]);
  });

  it('tells a slower machine from a slower function by shares', () => {
    const slow = profileOf({ 'hash@/a.js main@/m.js': 200, 'parse@/a.js main@/m.js': 220 });
    const { rows } = diffTable([base], [slow], { normalized: true });
    assert.equal(rows[0]?.flat.deltaPercent.toFixed(2), '-2.38');
    assert.equal(rowOf(rows, 'parse').flat.deltaPercent.toFixed(2), '2.38');
  });

  it('matches files under different roots', () => {
    const elsewhere = profileOf({ 'hash@/tmp/base/a.js': 100 });
    const { rows } = diffTable([elsewhere], [profileOf({ 'hash@/work/a.js': 130 })], { roots: ['/tmp/base', '/work/'] });
    assert.deepEqual(rows.map(({ name, file, match, flat }) => [name, file, match, flat.delta]), [['hash', 'a.js', 'same', 30]]);
  });

  it('finds a function that moved to another file, and one renamed in its file', () => {
    const after = profileOf({ 'digest@/a.js main@/m.js': 104, 'parse@/lib/parse.js main@/m.js': 100 });
    const { rows } = diffTable([base], [after]);
    assert.equal(rows.length, 3);
    assert.deepEqual([rowOf(rows, 'digest').match, rowOf(rows, 'digest').was?.name, rowOf(rows, 'digest').flat.delta], ['renamed', 'hash', 4]);
    assert.deepEqual([rowOf(rows, 'parse').match, rowOf(rows, 'parse').was?.file], ['moved', '/a.js']);
  });

  it('does not take an unrelated function for a renamed one', () => {
    const after = profileOf({ 'parse@/a.js main@/m.js': 100, 'tick@/timer.js loop@/timer.js': 100 });
    const { rows } = diffTable([base], [after]);
    assert.deepEqual([rowOf(rows, 'hash').match, rowOf(rows, 'tick').match, rowOf(rows, 'hash').flat.head], ['none', 'none', 0]);
  });

  it('matches lines by their distance from the beginning of the function', () => {
    const moved = profileOf({ 'hash@/a.js main@/m.js': 130 });
    for (const fn of moved.function) fn.startLine = Number(fn.startLine) + 20;
    for (const location of moved.location) for (const line of location.line) line.line = Number(line.line) + 20;
    const { rows } = diffTable([profileOf({ 'hash@/a.js main@/m.js': 100 })], [moved], { by: 'line' });
    assert.deepEqual(rows.map(({ name, line, flat, cum }) => [name, line, flat.delta, cum.delta]), [['hash', 30, 30, 30], ['main', 31, 0, 30]]);
  });

  it('refuses sides that cannot be compared', () => {
    const other = buildProfile({ types: ['cpu/bytes'], samples: [] });
    assert.throws(() => diffTable([base], [other]), { code: 'HOTSPAN_ERR_PROFILE_MISMATCH' });
    assert.throws(() => diffTable([base], [head], { type: 'heap' }), { code: 'HOTSPAN_ERR_PROFILE_TYPE' });
  });

  it('loses nothing: deltas of all functions add up to the delta of the total, for any profiles', () => {
    const positive = profileArbitrary(['n/count']).map((any) => {
      for (const sample of any.sample) sample.value = [1 + Number(BigInt.asUintN(10, BigInt(sample.value[0] ?? 0)))];
      any.sample = any.sample.filter((sample) => sample.locationId.length > 0);
      return any;
    });
    fc.assert(fc.property(positive, positive, fc.constantFrom<'function' | 'line'>('function', 'line'), (a, b, by) => {
      const { rows, total } = diffTable([a], [b], { by });
      assert.equal(rows.reduce((all, { flat }) => all + flat.delta, 0) - total.delta, 0);
      const back = diffTable([b], [a], { by });
      assert.equal(back.total.delta + total.delta, 0);
      assert.equal(diffTable([a], [a], { by }).rows.every(({ flat, cum }) => flat.delta === 0 && cum.delta === 0), true);
    }));
  });
});

describe('renderDiff', () => {
  const table = diffTable(
    [profileOf({ 'a|b@/a.js': 1_000_000, 'old@/gone.js': 5e5 })],
    [profileOf({ 'a|b@/a.js': 2_000_000, 'evil\u001b[31m@/new.js x@/y.js': 8e6 })],
  );

  it('prints a table', () => {
    const lines = renderDiff(table).split('\n');
    assert.match(lines[0] ?? '', /^cpu: 1\.5ms \(1 profile\) → 10ms \(1 profile\), \+8\.5ms, \+566\.67%$/);
    assert.match(lines[2] ?? '', /^ +base +head +delta +delta% +base share +head share +cum delta +function$/);
    assert.match(lines[3] ?? '', /^ +0 +8ms +\+8ms +new +0% +80\.00% +\+8ms +evil \[31m \/new\.js:1$/);
    assert.match(lines[4] ?? '', /^ +1ms +2ms +\+1ms +\+100\.00% .* a\|b \/a\.js:1$/);
    assert.match(lines[5] ?? '', /gone .* old \/gone\.js:1$/);
  });

  it('prints Markdown that no name can break', () => {
    const text = renderDiffMarkdown(table);
    assert.match(text, /^\| function \| base \|/m);
    for (const line of text.split('\n').filter((each) => each.startsWith('|'))) {
      assert.equal(line.replaceAll('\\|', '').split('|').length, 9, line);
    }
  });

  it('says so when there is nothing', () => {
    assert.equal(renderDiff(diffTable([profileOf({})], [profileOf({})])), 'no samples\n');
  });
});
