import assert from 'node:assert/strict';
import { Location } from 'pprof-format';
import * as fc from 'fast-check';
import { topTable } from '../../../src/analyze/top.ts';
import { buildProfile, profileArbitrary } from '../profile/sample-profile.ts';

const profile = buildProfile({
  types: ['samples/count', 'cpu/nanoseconds', 'wall/nanoseconds'],
  samples: [
    { stack: ['leaf@a.js', 'walk@a.js', 'walk@a.js', 'main@m.js'], values: [1, 60, 100], labels: { thread: 'main' } },
    { stack: ['walk@a.js', 'main@m.js'], values: [1, 30, 100], labels: { thread: 'main' } },
    { stack: ['leaf@b.js'], values: [1, 10, 100] },
  ],
  header: { defaultType: 'cpu' },
});

describe('topTable', () => {
  it('sums flat and cum by function, recursion once, equal names of two files apart', () => {
    const table = topTable(profile);
    assert.deepEqual([table.type, table.unit, table.total], ['cpu', 'nanoseconds', 100]);
    assert.deepEqual(table.rows.map(({ name, file, flat, cum, flatPercent, cumPercent }) => [name, file, flat, cum, flatPercent, cumPercent]), [
      ['leaf', 'a.js', 60, 60, 60, 60],
      ['walk', 'a.js', 30, 90, 30, 90],
      ['leaf', 'b.js', 10, 10, 10, 10],
      ['main', 'm.js', 0, 90, 0, 90],
    ]);
  });

  it('sorts by cum and limits', () => {
    const table = topTable(profile, { cum: true, limit: 2 });
    assert.deepEqual(table.rows.map(({ name }) => name), ['walk', 'main']);
    assert.equal(table.rowCount, 4);
  });

  it('separates lines of one function and names it', () => {
    const lines = buildProfile({ types: ['n/count'], samples: [{ stack: ['f@a.js', 'g@a.js'], values: [5] }] });
    lines.location.push(new Location({ id: 3, line: [{ functionId: 1, line: 99 }] }));
    lines.sample.push(new (lines.sample[0]!.constructor as new (data: object) => (typeof lines.sample)[0])({ locationId: [3], value: [2] }));
    assert.deepEqual(topTable(lines, { by: 'line' }).rows.map(({ name, file, line, flat }) => [name, file, line, flat]), [
      ['f', 'a.js', 10, 5], ['f', 'a.js', 99, 2], ['g', 'a.js', 11, 0],
    ]);
    assert.equal(topTable(lines).rows[0]?.flat, 7);
  });

  it('charges an inlined callee, not its caller', () => {
    const inlined = buildProfile({ types: ['n/count'], samples: [{ stack: ['callee@a.js', 'caller@a.js'], values: [5] }] });
    // One location of two lines, innermost first, as pprof has it.
    inlined.location = [new Location({ id: 1, line: [{ functionId: 1, line: 3 }, { functionId: 2, line: 7 }] })];
    inlined.sample[0]!.locationId = [1];
    assert.deepEqual(topTable(inlined).rows.map(({ name, flat, cum }) => [name, flat, cum]), [['callee', 5, 5], ['caller', 0, 5]]);
  });

  it('sums by label, the rest under (none)', () => {
    const rows = topTable(profile, { by: 'label:thread', type: 'wall' }).rows;
    assert.deepEqual(rows.map(({ name, flat, cum }) => [name, flat, cum]), [['main', 200, 200], ['(none)', 100, 100]]);
  });

  it('takes the last type without a default, and names the types when one is unknown', () => {
    assert.equal(topTable(buildProfile({ types: ['a/count', 'b/bytes'], samples: [] })).type, 'b');
    assert.throws(() => topTable(profile, { type: 'heap' }), { code: 'HOTSPAN_ERR_PROFILE_TYPE', message: /'heap'.*samples, cpu, wall/ });
  });

  it('measures percentages against the total given', () => {
    assert.equal(topTable(profile, { total: 1000 }).rows[0]?.flatPercent, 6);
    assert.equal(topTable(profile, { total: 1000 }).matched, 100);
  });

  it('keeps flat totals and flat <= cum <= total for any profile', () => {
    const positive = profileArbitrary(['n/count']).map((any) => {
      for (const sample of any.sample) sample.value = [1 + Number(BigInt.asUintN(10, BigInt(sample.value[0] ?? 0)))];
      return any;
    });
    fc.assert(fc.property(positive, fc.constantFrom<'function' | 'line'>('function', 'line'), (any, by) => {
      const table = topTable(any, { by });
      const sum = (samples: typeof any.sample): number => samples.reduce((total, sample) => total + Number(sample.value[0]), 0);
      assert.equal(table.total, sum(any.sample));
      assert.equal(table.rows.reduce((total, row) => total + row.flat, 0), sum(any.sample.filter((s) => s.locationId.length > 0)));
      for (const row of table.rows) assert.ok(row.flat <= row.cum && row.cum <= table.total);
    }));
  });
});
