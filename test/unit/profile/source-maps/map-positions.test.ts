import assert from 'node:assert/strict';
import { buildSync, transformSync } from 'esbuild';
import { mapPositions, type MapPositionsOptions, type RawSourceMap } from '../../../../src/profile/source-maps/map-positions.ts';
import type { MappedLocation, UnmappedLocation } from '../../../../src/profile/source-maps/positions.ts';

const generated: UnmappedLocation = { id: 7, line: 1, column: 1, functionName: 'f', functionLine: 1, functionColumn: 1 };

function mapOne(map: RawSourceMap, location: Partial<UnmappedLocation> = {}, options: MapPositionsOptions = {}): MappedLocation {
  const script = { scriptId: 1, url: 'file:///app/dist/my%20app.mjs?v=1', sourceMapUrl: '', locations: [{ ...generated, ...location }] };
  const [mapped] = mapPositions(script, map, { mapUrl: '/app/dist/app.js.map', ...options }).locations;
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
