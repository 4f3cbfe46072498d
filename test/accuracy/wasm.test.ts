import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { holdFigures } from '../support/hold-figures.ts';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest, refusalOf } from '../support/node-versions.ts';
import { countOf, cpuOf, isInside, ofMainThread, ratio, sumBy, type Sample } from '../support/pprof-query.ts';
import { runProfiled } from '../support/run-profiled.ts';
import { assertErrorsWithin, shareErrors } from './share-errors.ts';
import { parseTruth } from './cases.ts';

const programOf = (name: string): string => fileURLToPath(new URL(`./programs/wasm/${name}`, import.meta.url));
/** By number, as in programs/wasm/module.mjs. */
const wasmFunctions = ['tick', 'mix_heavy', 'mix_light', 'render', 'calls_host', 'tiny', 'calls_tiny', 'copies', 'indirect', 'deep'];

interface Way {
  flags: readonly string[];
  args: readonly [names: 'named' | 'stripped', way: 'compiled' | 'streamed'];
  /** V8 inlines without knowing what runs often. It notes positions for calls and memory alone, not for a loop in inlined code. */
  inlinesAll?: boolean;
  /** V8 frees code as soon as it is out of use, and with it the name of what ran there. */
  freesCode?: boolean;
}

/** V8's tiers of WebAssembly, and the ways of calls into it and out of it. Those that a Node does not know are left out. */
const ways: readonly Way[] = [
  { flags: [], args: ['named', 'compiled'] },
  { flags: [], args: ['stripped', 'compiled'] },
  { flags: [], args: ['named', 'streamed'] },
  { flags: ['--liftoff-only'], args: ['named', 'compiled'] },
  { flags: ['--no-liftoff'], args: ['named', 'compiled'], inlinesAll: true },
  { flags: ['--no-wasm-lazy-compilation'], args: ['stripped', 'compiled'] },
  { flags: ['--no-wasm-dynamic-tiering'], args: ['named', 'compiled'] },
  { flags: ['--experimental-wasm-inlining'], args: ['named', 'compiled'], inlinesAll: true },
  { flags: ['--no-wasm-inlining'], args: ['named', 'compiled'] },
  { flags: ['--no-wasm-generic-wrapper'], args: ['named', 'compiled'] },
  { flags: ['--stress-wasm-code-gc'], args: ['named', 'compiled'], freesCode: true },
];
/** What each function of the program calls, the callee first. */
const calls: Readonly<Record<string, readonly string[]>> = {
  inRender: ['render'],
  inHost: ['hostWork', 'calls_host'],
  inTiny: ['calls_tiny'],
  inCopies: ['copies'],
  inIndirect: ['indirect'],
  inDeep: ['deep'],
};

for (const node of nodesUnderTest()) {
  describeNeeding(['exact cpu'], `WebAssembly on Node ${node.version}`, function () {
    this.timeout(60_000);
    it('names functions of modules that soon are garbage, and loses no frame around them', async () => {
      const { code, stderr, profile } = await runProfiled({ node: node.path, nodeFlags: ['--expose-gc'], program: programOf('many-modules.mjs') });
      assert.equal(code, 0, stderr);
      assert.ok(profile);
      const all = ofMainThread(profile).samples.filter((sample) => isInside(sample, 'runFor'));
      const right = all.filter((sample) => holds(sample, ['render', 'runFor']));
      assert.ok(sumBy(all, countOf) > 500, `${sumBy(all, countOf)} samples`);
      assert.ok(ratio(sumBy(right, countOf), sumBy(all, countOf)) > 0.9, `${sumBy(right, countOf)} of ${sumBy(all, countOf)}`);
      const lost = profile.comments.map((comment) => /^lost: (\d+) frames/.exec(comment)?.[1]).find((count) => count !== undefined);
      assert.ok(Number(lost ?? 0) < 0.05 * sumBy(all, countOf), `${lost} frames lost`);
    });

    for (const { flags, args, inlinesAll, freesCode } of ways) {
      if (refusalOf(node, flags) !== undefined) continue;
      const title = [...flags, ...args].join(' ');
      const nameOf = (name: string): string =>
        args[0] === 'named' || !wasmFunctions.includes(name) ? name : `wasm-function[${wasmFunctions.indexOf(name)}]`;
      const itHolds = holdFigures(async () => {
        const { code, stderr, profile, stdout } = await runProfiled({ node: node.path, program: programOf('burn.mjs'), nodeFlags: flags, args, env: { HOTSPAN_TEST_SECONDS: '1.6' } });
        assert.equal(code, 0, stderr);
        assert.ok(profile);
        return { samples: ofMainThread(profile).samples, truth: parseTruth(stdout) };
      });

      itHolds(`gives every caller its share of cpu (${title})`, ({ samples, truth }) => {
        const callers = Object.entries(truth.cpuNs);
        const total = callers.reduce((sum, [, ns]) => sum + ns, 0);
        const inside = callers.map(([caller]) => [caller, sumBy(samples.filter((sample) => isInside(sample, caller)), cpuOf)] as const);
        const found = inside.reduce((sum, [, ns]) => sum + ns, 0);
        const expected = new Map(callers.map(([caller, ns]) => [caller, ns / total]));
        assertErrorsWithin(shareErrors(expected, new Map(inside.map(([caller, ns]) => [caller, ns / found]))), 0.02, title);
      });

      itHolds(`names the functions between caller and leaf (${title})`, ({ samples }) => {
        for (const [caller, callees] of Object.entries(calls)) {
          const all = samples.filter((sample) => isInside(sample, caller));
          const stack = [...callees.map(nameOf), caller];
          const right = all.filter((sample) => holds(sample, stack));
          const wrong = all.find((sample) => !holds(sample, stack))?.frames.map(({ name }) => name).join(' < ');
          const share = ratio(sumBy(right, cpuOf), sumBy(all, cpuOf));
          assert.ok(share > (freesCode === true ? 0.9 : 0.95), `${stack.join(' < ')}: ${(100 * share).toFixed(1)}%; not in ${wrong}`);
        }
        const deep = samples.filter((sample) => isInside(sample, 'inDeep'));
        const whole = deep.filter(({ frames }) => frames.filter(({ name }) => name === nameOf('deep')).length === 61);
        assert.ok(ratio(sumBy(whole, cpuOf), sumBy(deep, cpuOf)) > 0.8, 'most of the time is spent 61 calls deep');
        if (inlinesAll === true) return;
        const heavy = samples.filter((sample) => isInside(sample, 'inRender') && holds(sample, [nameOf('mix_heavy'), nameOf('render')]));
        const render = samples.filter((sample) => isInside(sample, 'inRender'));
        const share = ratio(sumBy(heavy, cpuOf), sumBy(render, cpuOf));
        assert.ok(share > 0.5 && share < 0.95, `mix_heavy has ${(100 * share).toFixed(1)}% of render; three of four rounds are its`);
        const files = new Set(heavy.map(({ frames }) => frames.find(({ name }) => name === nameOf('mix_heavy'))?.file));
        assert.ok(files.size === 1 && /^wasm:\/\/wasm\//.test([...files][0] ?? ''), [...files].join(', '));
      });
    }
  });
}

/** Whether these functions stand in the stack one above the other. */
function holds({ frames }: Sample, stack: readonly string[]): boolean {
  return frames.some((_, at) => stack.every((name, i) => frames[at + i]?.name === name));
}
