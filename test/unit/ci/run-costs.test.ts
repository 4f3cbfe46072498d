import assert from 'node:assert/strict';
import { runCosts } from '../../../src/ci/run-costs.ts';
import { buildProfile, type StackSample } from '../profile/sample-profile.ts';

const types = ['samples/count', 'cpu/nanoseconds'];
const profileOf = (root: string, ...samples: readonly (readonly [stack: string, count: number, cpu: number])[]) => buildProfile({
  types, header: { defaultType: 'cpu' },
  samples: samples.map(([stack, count, cpu]): StackSample => ({ stack: stack.split(', ').map((frame) => frame.replace('@/', `@${root}/`)), values: [count, cpu] })),
});
const roots = ['/base', '/head'];

describe('runCosts', () => {
  it('charges builtins, Node modules and native code to the function that called them, collections to the collector', () => {
    const { functions } = runCosts({
      base: [profileOf('/base', ['JSON.parse, join@node:path, read@/a.js, main@/a.js', 1, 10], ['(scavenge), (garbage collector), read@/a.js, main@/a.js', 1, 10], ['(program)', 1, 10])],
      head: [profileOf('/head', ['read@/a.js, main@/a.js', 2, 20])],
    }, roots);
    const costs = Object.fromEntries(functions.map(({ place, base, head }) => [place.name, [...base, ...head]]));
    assert.deepEqual(costs, { read: [10, 20], main: [0, 0], '(garbage collector)': [10, 0], '(node)': [10, 0] });
  });

  it('leaves the profiler itself out', () => {
    const own = profileOf('/base', ['(hotspan), main@/a.js', 5, 50], ['main@/a.js', 1, 10]);
    assert.deepEqual(runCosts({ base: [own], head: [own] }, roots).baseTotals, [10]);
  });

  it('takes shares from counts, for single samples may stand for much time on a busy machine', () => {
    const calm = profileOf('/base', ['a@/a.js', 50, 500], ['b@/a.js', 50, 500]);
    const busy = profileOf('/base', ['a@/a.js', 50, 5000], ['b@/a.js', 50, 500]);
    const { functions, baseTotals } = runCosts({ base: [busy, calm], head: [calm, calm] }, roots);
    const [a] = functions;
    assert.deepEqual(baseTotals, [5500, 1000]);
    // The same share in both runs; only the run's own total differs.
    assert.ok(Math.abs(a!.base[0]! / 5500 - a!.base[1]! / 1000) < 1e-9);
  });

  it('names neighbours, the caller, and a function that was renamed', () => {
    const { functions } = runCosts({
      base: [profileOf('/base', ['hash@/a.js, main@/a.js', 50, 500], ['main@/a.js', 50, 500])],
      head: [profileOf('/head', ['digest@/a.js, main@/a.js', 52, 520], ['main@/a.js', 50, 500])],
    }, roots);
    const digest = functions.find(({ place }) => place.name === 'digest');
    assert.deepEqual([digest?.match, digest?.was?.name, digest?.place.file, digest?.mainCaller?.name], ['renamed', 'hash', 'a.js', 'main']);
    assert.deepEqual(digest?.neighbours.map((at) => functions[at]?.place.name), ['main']);
  });
});
