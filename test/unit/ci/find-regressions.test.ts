import assert from 'node:assert/strict';
import { compareRuns, holm } from '../../../src/ci/compare-runs.ts';
import { fewestRuns, findSuspects, judge, type Verdict } from '../../../src/ci/find-regressions.ts';
import type { RunCosts } from '../../../src/ci/run-costs.ts';
import { sizeFactors } from '../../../src/ci/size-factors.ts';
import { concatRuns, functionCount, shares, simulateRuns, type Simulation } from './simulated-runs.ts';

const limits = { failOn: 0.05 };
const runs = 10;
const quiet: Omit<Simulation, 'seed'> = { runs, samples: 20_000, machineNoise: 0.15, functionNoise: 0.02 };

/** Both looks, the second with other noise. */
function lookTwice(seed: number, options: Partial<Simulation>, prepare: (costs: RunCosts) => RunCosts = (costs) => costs): Verdict {
  const first = prepare(simulateRuns({ ...quiet, ...options, seed: 2 * seed }));
  const suspects = findSuspects(first, limits);
  if (suspects.length === 0) return judge(first, runs, suspects, limits);
  return judge(concatRuns(first, prepare(simulateRuns({ ...quiet, ...options, seed: 2 * seed + 1 }))), runs, suspects, limits);
}

const names = (findings: Verdict['regressions']): string[] => findings.map(({ comparison }) => comparison.fn?.place.name ?? '(whole program)');

describe('judge', () => {
  const trials = 40;

  it('names a function of 5% that became 10% slower, first, in nine of ten trials at least', () => {
    let found = 0;
    for (let seed = 0; seed < trials; seed++) if (names(lookTwice(seed, { head: { f5: 1.1 } }).regressions)[0] === 'f5') found += 1;
    assert.ok(found >= 0.9 * trials, `${found} of ${trials}`);
  });

  it('stays silent when nothing changed, in nineteen of twenty trials at least', () => {
    let failed = 0;
    for (let seed = 100; seed < 100 + trials; seed++) if (lookTwice(seed, {}).regressions.length > 0) failed += 1;
    assert.ok(failed <= 0.05 * trials, `${failed} of ${trials}`);
  });

  it('holds both on a machine that halves and doubles its speed from run to run', () => {
    let [found, failed] = [0, 0];
    for (let seed = 200; seed < 200 + trials; seed++) {
      if (names(lookTwice(seed, { machineNoise: 0.5, head: { f5: 1.1 } }).regressions)[0] === 'f5') found += 1;
      if (lookTwice(seed, { machineNoise: 0.5 }).regressions.length > 0) failed += 1;
    }
    assert.ok(found >= 0.9 * trials && failed <= 0.05 * trials, `found ${found}, failed ${failed} of ${trials}`);
  });

  it('is not fooled by a function that doubles: the others did not become faster', () => {
    const { regressions, improvements } = lookTwice(7, { head: { f0: 2 } });
    assert.deepEqual([names(regressions)[0], names(improvements)], ['f0', []]);
    assert.ok(Math.abs(regressions[0]!.comparison.relative.estimate - 1) < 0.1);
  });

  it('does not call slower what only stayed as it was while most else became faster', () => {
    const head = Object.fromEntries(shares.map((_, f) => [`f${f}`, f === 5 ? 1 : 0.5]));
    assert.deepEqual(names(lookTwice(3, { head, machineNoise: 0.05 }).regressions), []);
  });

  it('calls the whole program slower when all of it is', () => {
    const head = Object.fromEntries(shares.map((_, f) => [`f${f}`, 1.3]));
    assert.deepEqual(names(lookTwice(3, { head, machineNoise: 0.05 }).regressions), ['(whole program)']);
  });

  it('does not fail for less than was asked', () => {
    const { regressions } = lookTwice(4, { head: { f0: 1.03 }, samples: 400_000, functionNoise: 0.002 });
    assert.deepEqual(names(regressions), []);
  });

  it('reports what became faster', () => {
    const { regressions, improvements } = lookTwice(5, { head: { f2: 0.5 } });
    assert.deepEqual([names(regressions), names(improvements)], [[], ['f2']]);
  });
});

describe('moved cost', () => {
  /** Half of f3 goes to f39, which base does not have; `grown` more is added there. */
  function split(costs: RunCosts, grown = 0): RunCosts {
    const [from, to] = [costs.functions[3]!, costs.functions[39]!];
    const functions = [...costs.functions];
    functions[3] = { ...from, head: from.head.map((value) => value / 2), neighbours: [0, 39] };
    functions[39] = { ...to, match: 'none', base: to.base.map(() => 0), head: from.head.map((value) => value / 2 + grown * value), neighbours: [3] };
    return { ...costs, functions };
  }

  it('is told apart from growth when a helper is taken out', () => {
    const { regressions, moved, improvements } = lookTwice(1, {}, (costs) => split(costs));
    assert.deepEqual([names(regressions), names(moved), names(improvements)], [[], ['f39'], []]);
    assert.equal(moved[0]!.movement!.from[0]!.fn!.place.name, 'f3');
  });

  it('and when a helper is put back', () => {
    const back = (costs: RunCosts): RunCosts => {
      const { functions } = split(costs);
      return { ...costs, functions: functions.map((fn) => ({ ...fn, base: fn.head, head: fn.base })) };
    };
    const { regressions, moved } = lookTwice(1, {}, back);
    assert.deepEqual([names(regressions), names(moved)], [[], ['f3']]);
  });

  it('still is a regression when the helper also costs more', () => {
    const { regressions } = lookTwice(1, {}, (costs) => split(costs, 0.5));
    assert.deepEqual(names(regressions)[0], 'f39');
  });
});

describe('the parts', () => {
  it('take the speed of the machine out, and nothing else', () => {
    const costs = Array.from({ length: functionCount }, (_, f) => [100 + f, 2 * (100 + f), (100 + f) / 2, f === 0 ? 1e6 : 100 + f]);
    const factors = sizeFactors(costs, 4);
    assert.deepEqual(factors.map((factor) => Math.round((100 * factor) / factors[0]!)), [100, 200, 50, 100]);
    assert.deepEqual(sizeFactors([], 2), [1, 1]);
  });

  it('correct for many tests as Holm does', () => {
    assert.deepEqual(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
    assert.deepEqual(holm([]), []);
  });

  it('do not test what costs next to nothing', () => {
    const costs = simulateRuns({ ...quiet, seed: 1 });
    const tiny = { ...costs.functions[1]!, base: costs.functions[1]!.base.map(() => 1), head: costs.functions[1]!.head.map(() => 2) };
    assert.equal(compareRuns({ ...costs, functions: [costs.functions[0]!, tiny] }).functions[1], undefined);
  });

  it('say how many runs it takes', () => {
    assert.equal(fewestRuns(40), 5);
  });
});
