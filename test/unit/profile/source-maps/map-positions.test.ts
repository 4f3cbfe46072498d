import assert from 'node:assert/strict';
import { buildSync, transformSync } from 'esbuild';
import { mapPositions, type MapPositionsOptions } from '../../../../src/profile/source-maps/map-positions.ts';
import type { MappedLocation, UnmappedLocation } from '../../../../src/profile/source-maps/positions.ts';
import { runSteps } from '../../../../src/profile/source-maps/steps.ts';

type RawSourceMap = Readonly<Record<string, unknown>>;

const generated: UnmappedLocation = { id: 7, line: 1, column: 1, functionName: 'f', functionLine: 1, functionColumn: 1 };

const mapOne = (map: RawSourceMap, location: Partial<UnmappedLocation> = {}, options: MapPositionsOptions = {}): MappedLocation =>
  mapBytes(Buffer.from(JSON.stringify(map)), location, options);

function mapBytes(map: Buffer, location: Partial<UnmappedLocation> = {}, options: MapPositionsOptions = {}): MappedLocation {
  const script = { scriptId: 1, url: 'file:///app/dist/my%20app.mjs?v=1', sourceMapUrl: '', locations: [{ ...generated, ...location }] };
  const [mapped] = runSteps(mapPositions(script, map, { mapUrl: '/app/dist/app.js.map', ...options })).locations;
  assert.ok(mapped !== undefined);
  return mapped;
}

/** A map whose line 1, column 1 is line 3, column 5 of the source; `AAEI` = [0, 0, 2, 4]. */
function mapTo(source: string | null, extra: object = {}): RawSourceMap {
  return { version: 3, names: [], sources: [source], mappings: 'AAEI', ...extra };
}

describe('mapPositions', () => {
  it('finds the original line and column of every call in a minified bundle', () => {
    const source = Array.from({ length: 50 }, (_, i) => `function work${i}(n) {\n  n += ${i};\n\n  return mark(${i}, n);\n}`).join('\n')
      + `\n[${Array.from({ length: 50 }, (_, i) => `work${i}`).join()}].map((w) => w(1));`;
    const { code, map } = transformSync(source, { minify: true, sourcemap: 'external', sourcefile: '../src/app.js' });
    for (let i = 0; i < 50; i++) {
      const column = code.indexOf(`mark(${i},`) + 1;
      const mapped = mapOne(JSON.parse(map) as RawSourceMap, { line: 1, column, functionColumn: column });
      assert.deepEqual([mapped.file, mapped.line, mapped.column], ['/app/src/app.js', i * 5 + 4, 10]);
    }
  });

  it('keeps id and order, and gives each location its own file', () => {
    const { outputFiles } = buildSync({
      stdin: { contents: "import { b } from './b.ts';\nmark(b);", sourcefile: 'a.ts', resolveDir: import.meta.dirname },
      bundle: true, write: false, sourcemap: 'external', outdir: '/app/dist', absWorkingDir: '/', minify: true, format: 'esm', external: ['./b.ts'],
    });
    const text = outputFiles.find(({ path }) => path.endsWith('.map'))?.text ?? '';
    const code = outputFiles.find(({ path }) => path.endsWith('.js'))?.text ?? '';
    const mapped = mapOne(JSON.parse(text) as RawSourceMap, { id: 99, column: code.indexOf('mark') + 1 });
    assert.deepEqual([mapped.id, mapped.line, mapped.column], [99, 2, 1]);
    assert.match(mapped.file, /\/a\.ts$/);
  });

  const files: [what: string, map: RawSourceMap, file: string, options?: MapPositionsOptions][] = [
    ['relative to the map', mapTo('../src/a.ts'), '/app/src/a.ts'],
    ['beneath sourceRoot', mapTo('a.ts', { sourceRoot: '../lib' }), '/app/lib/a.ts'],
    ['beneath an absolute sourceRoot', mapTo('a.ts', { sourceRoot: '/srv/src/' }), '/srv/src/a.ts'],
    ['a file: URL', mapTo('file:///srv/my%20src/a.ts'), '/srv/my src/a.ts'],
    ['percent-encoded', mapTo('../src/%5Bid%5D.ts'), '/app/src/[id].ts'],
    ['with a percent sign that exists', mapTo('../src/100%25.ts'), '/app/src/100%25.ts', { fileExists: (path) => path === '/app/src/100%25.ts' }],
    ['with a stray percent sign', mapTo('../src/100%.ts'), '/app/src/100%.ts'],
    ['relative to an inline map', mapTo('a.ts'), '/my dir/a.ts', { mapUrl: 'file:///my%20dir/app.mjs' }],
    ['over http', mapTo('https://cdn.test/a.ts'), 'https://cdn.test/a.ts'],
    ['webpack, beneath the working directory', mapTo('webpack://app/./src/a.js'), '/work/src/a.js', { cwd: '/work', fileExists: (path) => path === '/work/src/a.js' }],
    ['webpack, above the map', mapTo('webpack:///./src/a.js?1a2b'), '/app/src/a.js', { cwd: '/work', fileExists: (path) => path === '/app/src/a.js' }],
    // A pattern that takes a time of the square of the length would not come to an end.
    ['webpack, of a million question marks', mapTo(`webpack:///./src/a.js${'?'.repeat(1e6)}`), '/app/src/a.js', { fileExists: (path) => path === '/app/src/a.js' }],
    ['webpack, nowhere', mapTo('webpack://app/src/a.js'), 'webpack://app/src/a.js', { cwd: '/work' }],
  ];
  for (const [what, map, file, options] of files) {
    it(`resolves a source ${what}`, () => {
      const mapped = mapOne(map, {}, options);
      assert.deepEqual([mapped.file, mapped.line, mapped.column, mapped.functionStartLine], [file, 3, 5, 3]);
    });
  }

  it('reads maps with sections', () => {
    const sections = { version: 3, sections: [
      { offset: { line: 0, column: 0 }, map: mapTo('../src/a.ts') },
      { offset: { line: 1, column: 10 }, map: mapTo('b.ts', { sourceRoot: '../lib' }) },
    ] };
    assert.equal(mapOne(sections).file, '/app/src/a.ts');
    const second = mapOne(sections, { line: 2, column: 11, functionLine: 2, functionColumn: 11 });
    assert.deepEqual([second.file, second.line, second.column], ['/app/lib/b.ts', 3, 5]);
  });

  it('reads what is before the map, and what is escaped in it', () => {
    const text = JSON.stringify(mapTo('../src/gr\u00fcn \\ "a".ts')).replace('"AAEI"', '"\\u0041AEI"');
    for (const guard of ['', '\uFEFF', ")]}'\n", "\uFEFF)]}' something\n", ' \n']) {
      assert.equal(mapBytes(Buffer.from(guard + text)).file, '/app/src/gr\u00fcn \\ "a".ts');
    }
  });

  it('says what is no source map', () => {
    const json = JSON.stringify(mapTo('a.ts'));
    const broken = [
      '', '[1,2]', '"x"', '{', '{}', '{"version":3}', json.slice(0, -1), json.slice(0, -5), json.replace(':', ''), json.replace(',', ' '),
      json.replace('3', '2'), json.replace('"a.ts"', '{}'), json.replace('"AAEI"', '7'), json.replace('AAEI', '!!'),
      json.replace('AAEI', 'AAEIAA'), json.replace('AAEI', 'AAE'), json.replace('AAEI', 'g'), json.replace('AAEI', 'gggggggggA'),
      '{"version":3,"sections":[{}]}', '{"version":3,"sections":[{"map":{},"offset":{"line":0,"column":0}}]}',
      `{"version":3,"sections":[{"map":${json}}]}`, '{"version":3,"sections":'.repeat(10),
    ];
    for (const text of broken) assert.throws(() => mapBytes(Buffer.from(text)), Error, text);
  });

  it('pauses at least every millisecond or so, however large the map', () => {
    const mappings = Array.from({ length: 400_000 }, (_, i) => (i % 50 === 0 ? 'AACA' : 'CAAC')).join();
    const map = { version: 3, sources: ['a.ts'], sourcesContent: ['const a = "b";\n'.repeat(100_000)], names: Array.from({ length: 50_000 }, (_, i) => `n${i}`), mappings };
    const location = { ...generated, column: 300_000, functionName: 'f', functionColumn: 200_000 };
    const steps = mapPositions({ scriptId: 1, url: '/app/a.js', sourceMapUrl: '', locations: [location] }, Buffer.from(JSON.stringify(map)), {
      mapUrl: '/app/a.js.map', scriptText: 'x'.repeat(500_000),
    });
    let count = 0;
    while (steps.next().done !== true) count++;
    // Two million bytes of mappings, a hundred thousand quotes: a thousandth of that between two pauses.
    assert.ok(count > 700, `${count} pauses`);
  });

  it('leaves what the map says nothing about as generated, with a path for a file: URL', () => {
    const untouched = { id: 7, file: '/app/dist/my app.mjs', line: 1, column: 1, functionName: 'f', functionStartLine: 1 };
    assert.deepEqual(mapOne(mapTo(null)), untouched);
    assert.deepEqual(mapOne(mapTo('a.ts', { mappings: 'A' })), untouched, 'a segment without source');
    assert.deepEqual(mapOne(mapTo('a.ts', { mappings: '' })), untouched);
    assert.deepEqual(mapOne(mapTo('a.ts', { mappings: ';;AAEI' })), untouched);
    assert.deepEqual(mapOne(mapTo('a.ts', { mappings: 'AEEI' })), untouched, 'a source beyond the list');
  });

  it('gives no start line when the function starts in another file', () => {
    // [0,0,2,4] and then, 4 columns on, the second source: [4,1,0,0].
    const map = { version: 3, names: [], sources: ['a.ts', 'b.ts'], mappings: 'AAEI,ICFJ' };
    const mapped = mapOne(map, { column: 5 });
    assert.deepEqual([mapped.file, mapped.functionStartLine], ['/app/dist/b.ts', 0]);
  });

  it('takes the file of the function when the line is not known', () => {
    assert.deepEqual(mapOne(mapTo('a.ts'), { line: 0, column: 0 }), {
      id: 7, file: '/app/dist/a.ts', line: 0, column: 0, functionName: 'f', functionStartLine: 3,
    });
  });
});
