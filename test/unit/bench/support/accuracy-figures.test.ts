import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accuracyFigures } from '../../../../bench/support/accuracy-figures.ts';
import type { ProfileView } from '../../../support/pprof-query.ts';

const truth = { cpuNs: { a: 60, b: 40 }, lines: {} };

function profileOf(...samples: [name: string, line: number, cpuNs: number][]): ProfileView {
  return {
    samples: samples.map(([name, line, cpuNs]) => ({ frames: [{ name, file: '/x.mjs', line, startLine: 1 }], count: 1, cpuNs, wallNs: cpuNs, labels: {} })),
    sampleTypes: [],
    comments: [],
  };
}

describe('bench accuracyFigures', () => {
  let directory = '';
  let source = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'hotspan-bench-test-'));
    source = join(directory, 'x.mjs');
    writeFileSync(source, 'a(); // @burn a\nb(); // @burn b\n');
  });
  after(() => rmSync(directory, { recursive: true }));

  const figures = (profile: ProfileView) => {
    const { misattributed, shares, total, offLine } = accuracyFigures(profile, truth, [source], 100);
    return [misattributed, shares, total, offLine].map((value) => Math.round(value * 100) / 100);
  };

  it('finds nothing wrong in the truth', () => assert.deepEqual(figures(profileOf(['a', 1, 60], ['b', 2, 40])), [0, 0, 0, 0]));

  it('counts CPU that went to the wrong function on both sides, and its share once', () => {
    assert.deepEqual(figures(profileOf(['a', 1, 50], ['b', 2, 50])), [20, 10, 0, 0]);
  });

  it('counts CPU that is missing, while shares stay right', () => assert.deepEqual(figures(profileOf(['a', 1, 30], ['b', 2, 20])), [50, 0, 50, 0]));

  it('counts CPU that is not on the burning line', () => assert.deepEqual(figures(profileOf(['a', 1, 45], ['a', 7, 15], ['b', 2, 40])), [0, 0, 0, 15]));

  it('takes a profile without any known function for all wrong', () => assert.deepEqual(figures(profileOf(['c', 1, 100])), [100, 50, 0, 100]));
});
