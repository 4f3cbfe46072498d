import assert from 'node:assert/strict';
import { encode, type SourceMapMappings } from '@jridgewell/sourcemap-codec';
import { FlattenMap, traceSegment } from '@jridgewell/trace-mapping';
import fc from 'fast-check';
import { SegmentFinder } from '../../../../src/profile/source-maps/find-segments.ts';
import { MapSections } from '../../../../src/profile/source-maps/map-sections.ts';
import { runSteps } from '../../../../src/profile/source-maps/steps.ts';

interface Position { readonly line: number; readonly column: number }

const sources = ['a.ts', null, 'c "quoted" \\.ts', '\u00fc.ts'];
const names = ['one', 'two \\', '"', '\u{1f600}'];

const small = fc.nat({ max: 12 });
const large = fc.oneof(small, fc.nat({ max: 2 ** 28 }));
const segment = fc.oneof(
  fc.tuple(small),
  fc.tuple(small, fc.nat({ max: 3 }), large, large),
  fc.tuple(small, fc.nat({ max: 3 }), large, large, fc.nat({ max: 3 })),
);
const mappings = fc.array(fc.array(segment, { maxLength: 12 }), { maxLength: 5 }) as unknown as fc.Arbitrary<SourceMapMappings>;
const positions = fc.array(fc.record({ line: fc.nat({ max: 7 }), column: fc.nat({ max: 14 }) }), { maxLength: 20 });

/** In words: file, line, column, name and where the segment begins. */
function ours(map: object, wanted: readonly Position[]): unknown[] {
  const sections = new MapSections(Buffer.from(JSON.stringify(map)));
  const segments = new SegmentFinder();
  for (const position of wanted) segments.want(position);
  runSteps(segments.read(runSteps(sections.find())));
  return wanted.map((position) => {
    const found = segments.at(position);
    if (found === undefined) return null;
    const { section, generatedColumn, source, line, column, name } = found;
    if (source < 0) return [generatedColumn];
    const own = [generatedColumn, runSteps(sections.texts(section.sources, new Set([source]))).get(source) ?? null, line, column];
    return name < 0 ? own : [...own, runSteps(sections.texts(section.names, new Set([name]))).get(name)];
  });
}

function theirs(map: object, wanted: readonly Position[]): unknown[] {
  const traced = FlattenMap(map as never);
  return wanted.map(({ line, column }) => {
    const found = traceSegment(traced, line, column);
    if (found === null || found.length === 1) return found && [found[0]];
    const [at, source, originalLine, originalColumn, name] = found;
    const own = [at, traced.sources[source] ?? null, originalLine, originalColumn];
    return name === undefined ? own : [...own, traced.names[name]];
  });
}

const sorted = (lines: SourceMapMappings): SourceMapMappings => lines.map((line) => [...line].sort((a, b) => a[0] - b[0]));

describe('SegmentFinder', () => {
  it('finds what @jridgewell/trace-mapping finds', () => {
    fc.assert(fc.property(mappings, positions, (lines, wanted) => {
      const map = { version: 3, names, sources, mappings: encode(sorted(lines)) };
      assert.deepEqual(ours(map, wanted), theirs(map, wanted));
    }), { numRuns: 500 });
  });

  it('finds the same when segments are not in order, where there is one nearest', () => {
    fc.assert(fc.property(mappings, positions, (lines, wanted) => {
      const once = lines.map((line) => line.filter(([column], i) => line.findIndex((other) => other[0] === column) === i));
      const map = { version: 3, names, sources, mappings: encode(once) };
      assert.deepEqual(ours(map, wanted), theirs(map, wanted));
    }), { numRuns: 500 });
  });

  it('finds the same in maps with sections', () => {
    const section = fc.record({ lines: mappings, offset: fc.record({ line: fc.nat({ max: 3 }), column: fc.nat({ max: 8 }) }) });
    fc.assert(fc.property(fc.array(section, { maxLength: 4 }), positions, (parts, wanted) => {
      const inOrder = [...parts].sort((a, b) => a.offset.line - b.offset.line || a.offset.column - b.offset.column);
      const named = sources.map((source) => source ?? 'none.ts');
      const map = { version: 3, sections: inOrder.map(({ lines, offset }) => ({ offset, map: { version: 3, names, sources: named, mappings: encode(sorted(lines)) } })) };
      assert.deepEqual(ours(map, wanted), theirs(map, wanted));
    }), { numRuns: 500 });
  });

  it('ends, with a result or an error, whatever bytes it gets', () => {
    const valid = JSON.stringify({ version: 3, names, sources, mappings: encode([[[0, 0, 1, 2, 3]], [[4, 1, 5, 6]]]) });
    const damaged = fc.tuple(fc.nat({ max: valid.length }), fc.nat({ max: 20 }), fc.string({ maxLength: 5 }));
    fc.assert(fc.property(fc.oneof(fc.string(), damaged.map(([at, cut, text]) => valid.slice(0, at) + text + valid.slice(at + cut))), (text) => {
      const segments = new SegmentFinder();
      segments.want({ line: 1, column: 5 });
      try {
        runSteps(segments.read(runSteps(new MapSections(Buffer.from(text)).find())));
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }), { numRuns: 2000 });
  });
});
