import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { fileName, ownerOf, type ProfileView } from '../support/pprof-query.ts';
import { engineUnderTest, runProfiled } from '../support/run-profiled.ts';

const programPath = (name: string): string => fileURLToPath(new URL(`./programs/${name}`, import.meta.url));

/**
 * Where a stack trace knows the receiver and a sample does not, or the reverse. Everything else is equal to the
 * trace, after dropping `[as alias]` and the `async` of awaiting frames.
 */
const alsoRight: Record<string, readonly string[]> = {
  inherited: ['Base.inherited'], // the trace names the receiver's class, we the declaring one
  'generator method': ['Base.generator'],
  'async method': ['Base.later'],
  getter: ['Base.get property', 'get Base.property'],
  private: ['Base.#hidden'],
  'object literal': ['literalMethod', 'literal.literalMethod'],
  'anonymous callback': ['(anonymous)'],
  'module top level': ['(anonymous)', '(module)'],
};

interface Place {
  file: string;
  line: number;
}

/** The marked line of every tag; code made at run time burns on the third line of its script. */
function markedLines(): Map<string, Place> {
  const places = new Map<string, Place>([
    ['eval', { file: 'names-eval.js', line: 3 }],
    ['vm', { file: 'names-vm.js', line: 3 }],
  ]);
  for (const file of ['names.mjs', 'names.cjs']) {
    readFileSync(programPath(file), 'utf8').split('\n').forEach((text, index) => {
      const tag = /\/\/ @name (.+)$/.exec(text)?.[1];
      if (tag) places.set(tag, { file, line: index + 1 });
    });
  }
  return places;
}

/** Names under which samples on that line appear, the most frequent first. */
function namesAt(profile: ProfileView, place: Place): string[] {
  const counts = new Map<string, number>();
  for (const sample of profile.samples) {
    const owner = ownerOf(sample);
    if (owner?.line !== place.line || fileName(owner.file) !== place.file) continue;
    counts.set(owner.name, (counts.get(owner.name) ?? 0) + sample.count);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}

const normalised = (name: string): string => name.replace(/ \[as .*\]$/, '').replace(/^async /, '');

for (const node of nodesUnderTest()) {
  describeNeeding(['class names'], `function names on Node ${node.version} (${engineUnderTest()})`, function () {
    this.timeout(60_000);
    let profile: ProfileView;
    let traced: Record<string, string>;

    before(async () => {
      const run = await runProfiled({ node: node.path, program: programPath('names.mjs') });
      assert.equal(run.code, 0, run.stderr);
      assert.ok(run.profile, 'no profile was written');
      profile = run.profile;
      traced = JSON.parse(run.stdout) as Record<string, string>;
    });

    for (const [tag, place] of markedLines()) {
      it(`names ${tag} as a stack trace does`, () => {
        const trace = normalised(traced[tag] ?? assert.fail(`${tag} did not run`));
        const found = namesAt(profile, place);
        assert.ok(found.length > 0, `no sample at ${place.file}:${place.line}`);
        const wrong = found.filter((name) => name !== trace && !alsoRight[tag]?.includes(name));
        assert.deepEqual(wrong, [], `a stack trace says ${trace}`);
      });
    }
  });
}
