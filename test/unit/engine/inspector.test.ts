import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Profile } from 'pprof-format';
import { encodeStacks } from '../../../src/engine/inspector/encode-stacks.ts';
import { foldCpuProfile } from '../../../src/engine/inspector/fold-cpu-profile.ts';
import { LocationTable } from '../../../src/engine/inspector/location-table.ts';
import type { CallFrame, CpuProfile } from '../../../src/engine/inspector/protocol.ts';
import { findSourceMapUrl } from '../../../src/engine/inspector/source-map-url.ts';
import { StackTree } from '../../../src/engine/inspector/stack-tree.ts';
import { checkValid } from '../../../src/profile/check-valid.ts';
import { decodeProfile } from '../../../src/profile/decode-profile.ts';

const frame = (functionName: string, url = '/app.js'): CallFrame => ({
  functionName,
  url,
  scriptId: url === '' ? '0' : '7',
  lineNumber: url === '' ? -1 : 9,
  columnNumber: url === '' ? -1 : 4,
});

describe('foldCpuProfile', () => {
  const nodes: CpuProfile['nodes'] = [
    { id: 1, callFrame: frame('(root)', ''), children: [2, 4] },
    { id: 2, callFrame: frame('outer'), children: [3] },
    { id: 3, callFrame: frame('inner'), positionTicks: [{ line: 12, ticks: 1 }, { line: 13, ticks: 2 }, { line: 12, ticks: 1 }] },
    { id: 4, callFrame: frame('(idle)', '') },
  ];

  it('leaves idle time out, what V8 needed itself as well, and divides a gap between its samples', () => {
    const tree = new StackTree(2);
    const table = new LocationTable();
    // Times from 1000: inner 1100, 1200 · idle 1500 · inner 1600, 1700, until 1800; V8 began until 1050.
    const profile = { nodes, startTime: 1000, endTime: 1800, samples: [3, 3, 4, 3, 3], timeDeltas: [100, 100, 300, 100, 100] };
    assert.deepEqual(foldCpuProfile(profile, 50, tree, table), { samples: 4, idleUs: 200 });
    const stacks = [...tree.stacks()].map(({ locations, values }) => ({ stack: locations.map((id) => `${table.get(id).name}:${table.get(id).line}`), values }));
    assert.deepEqual(
      stacks.sort((a, b) => (a.stack[0] ?? '').localeCompare(b.stack[0] ?? '')),
      [
        { stack: ['inner:12', 'outer:0'], values: [2, 275] },
        { stack: ['inner:13', 'outer:0'], values: [2, 275] },
      ],
    );
  });

  it('loses and invents no time, whatever the order of V8’s samples', () => {
    const sample = fc.record({ node: fc.constantFrom(2, 3, 4), delta: fc.integer({ min: -500, max: 5000 }) });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 50 }), fc.nat(3000), (taken, ownUs) => {
        let at = 1000;
        const end = Math.max(1000, ...taken.map(({ delta }) => (at += delta))) + 10;
        const profile = { nodes, startTime: 1000, endTime: end, samples: taken.map(({ node }) => node), timeDeltas: taken.map(({ delta }) => delta) };
        const tree = new StackTree(2);
        const { samples, idleUs } = foldCpuProfile(profile, ownUs, tree, new LocationTable());
        const busy = [...tree.stacks()].reduce((sum, { values }) => sum + (values[1] ?? 0), 0);
        const expected = taken.length === 0 ? 0 : Math.max(0, end - Math.min(1000 + ownUs, end));
        assert.ok(Math.abs(busy + idleUs - expected) < 1e-6, `${busy} + ${idleUs} is not ${expected}`);
        const idleSamples = taken.filter(({ node }) => node === 4).length;
        assert.equal(samples, taken.length - idleSamples);
      }),
    );
  });
});

describe('encodeStacks', () => {
  it('writes valid pprof of any stacks', () => {
    const stack = fc.record({ locations: fc.array(fc.nat(8), { minLength: 1, maxLength: 6 }), values: fc.tuple(fc.nat(), fc.nat()) });
    fc.assert(
      fc.property(fc.array(stack, { maxLength: 20 }), fc.array(fc.string(), { minLength: 9, maxLength: 9 }), (stacks, names) => {
        const table = new LocationTable();
        const ids = names.map((name, line) => table.idOf(frame(name), line));
        const bytes = encodeStacks(
          {
            sampleTypes: [['samples', 'count'], ['wall', 'nanoseconds']],
            defaultType: 'wall',
            periodType: ['wall', 'nanoseconds'],
            period: 1,
            stacks: stacks.map(({ locations, values }) => ({ locations: locations.map((i) => ids[i] ?? 0), values })),
          },
          { startMs: 1, durationMs: 2, comments: ['a'] },
          table,
        );
        checkValid(decodeProfile(bytes));
        const total = (values: readonly (number | bigint)[]): number => values.reduce<number>((sum, value) => sum + Number(value), 0);
        const written = Profile.decode(bytes).sample.reduce((sum, { value }) => sum + total(value), 0);
        assert.equal(written, stacks.reduce((sum, { values }) => sum + total(values), 0));
      }),
    );
  });
});

describe('LocationTable', () => {
  it('asks for the original positions of scripts with a map, and shows them', () => {
    const directory = mkdtempSync(join(tmpdir(), 'hotspan-locations-'));
    const path = join(directory, 'app.js');
    writeFileSync(path, 'code();\n//# sourceMappingURL=app.js.map\n');
    const table = new LocationTable();
    const id = table.idOf(frame('f', `file://${path}`), 12);
    const oneLine = table.idOf(frame('f', `file://${path}`), 10);
    table.idOf(frame('g', '/nowhere.js'), 3);
    const [script, ...others] = table.takeUnmapped();
    rmSync(directory, { recursive: true });
    assert.deepEqual(others, []);
    assert.equal(script?.sourceMapUrl, 'app.js.map');
    // The second stands on the line its function starts at, which may be many in the original.
    assert.deepEqual(script.locations.map(({ line, functionLine, functionColumn }) => [line, functionLine, functionColumn]), [[12, 10, 5], [0, 10, 5]]);
    table.setMapped([{ id, file: '/app.ts', line: 34, column: 1, functionName: 'f', functionStartLine: 30 }]);
    assert.deepEqual(table.get(id), { name: 'f', file: '/app.ts', startLine: 30, line: 34 });
    assert.equal(table.get(oneLine).file, path);
    assert.deepEqual(table.takeUnmapped(), []);
  });
});

describe('findSourceMapUrl', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-map-url-'))));
  after(() => rmSync(directory, { recursive: true }));
  const urlOf = (text: string): string => {
    const path = join(directory, 'script.js');
    writeFileSync(path, text);
    return findSourceMapUrl(path);
  };

  it('reads the last comment at the end', () => {
    assert.equal(urlOf('a();\n//# sourceMappingURL=old.map\n//# sourceMappingURL=new.map\n'), 'new.map');
    assert.equal(urlOf('a();\n//@ sourceMappingURL=x.map'), 'x.map');
    const inline = `data:application/json;base64,${'A'.repeat(100_000)}`;
    assert.equal(urlOf(`a();\n//# sourceMappingURL=${inline}\n`), inline);
  });

  it('takes no code for a comment, and no missing file amiss', () => {
    assert.equal(urlOf("const s = '//# sourceMappingURL=x.map';\nb();\n"), '');
    assert.equal(urlOf(''), '');
    assert.equal(findSourceMapUrl('/no/such/file.js'), '');
    assert.equal(findSourceMapUrl('node:fs'), '');
  });

  it('never throws, and finds what was written', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.stringMatching(/^[\w./-]{1,20}$/), (code, url) => {
        assert.equal(urlOf(`${code}\n//# sourceMappingURL=${url}\n`), url);
      }),
      { numRuns: 50 },
    );
  });
});
