import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadSourceMap, loadSourceMapSync, type LoadOptions, type LoadResult } from '../../../../src/profile/source-maps/load-source-map.ts';

const map = { version: 3, names: [], sources: ['grün.ts'], mappings: 'AAAA' };
const json = JSON.stringify(map);
const bytes = Buffer.from(json);

describe('loadSourceMap', () => {
  let directory = '';
  let script = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hotspan maps-'));
    script = join(directory, 'app.js');
    await mkdir(join(directory, 'maps'));
    await writeFile(script, 'code()');
    for (const name of ['app.js.map', 'my app.js.map', 'odd%41.map', 'maps/app.js.map']) await writeFile(join(directory, name), json);
  });
  after(() => rm(directory, { recursive: true }));

  /** Both variants, which must agree. */
  async function load(sourceMapUrl: string, url = script, options: LoadOptions = {}): Promise<LoadResult> {
    const result = await loadSourceMap({ url, sourceMapUrl }, options);
    assert.deepEqual(loadSourceMapSync({ url, sourceMapUrl }, options), result);
    return result;
  }

  it('reads files, however they are named', async () => {
    const named: [sourceMapUrl: string, path: string][] = [
      ['app.js.map', 'app.js.map'], ['./maps/app.js.map', 'maps/app.js.map'], ['app.js.map?v=3#x', 'app.js.map'],
      ['my%20app.js.map', 'my app.js.map'], ['my app.js.map', 'my app.js.map'], ['odd%41.map', 'odd%41.map'],
      [join(directory, 'app.js.map'), 'app.js.map'], [`${pathToFileURL(join(directory, 'my app.js.map')).href}?q`, 'my app.js.map'],
    ];
    for (const [sourceMapUrl, path] of named) {
      assert.deepEqual(await load(sourceMapUrl), { map: bytes, mapUrl: join(directory, path), scriptText: 'code()' });
    }
  });

  it('reads beside a script that is a file: URL with a query', async () => {
    const loaded = await load('app.js.map', `${pathToFileURL(script).href}?t=1`);
    assert.deepEqual(loaded, { map: bytes, mapUrl: join(directory, 'app.js.map'), scriptText: 'code()' });
  });

  it('reads data: URLs, also of scripts that are no files', async () => {
    const base64 = Buffer.from(json).toString('base64');
    for (const url of [
      `data:application/json;base64,${base64}`,
      `data:application/json;charset=utf-8;base64,${encodeURIComponent(base64)}`,
      `data:application/json;charset=utf-8,${encodeURIComponent(json)}`,
    ]) assert.deepEqual(await load(url, 'evalmachine.<anonymous>'), { map: bytes, mapUrl: 'evalmachine.<anonymous>' });
  });

  it('says in one line why there is no map', async () => {
    const cases: [sourceMapUrl: string, reason: RegExp, url?: string, options?: LoadOptions][] = [
      ['missing.map', /no such file$/], ['maps', /not a regular file$/],
      ['https://cdn.test/app.js.map', /https: URLs are not fetched$/],
      ['app.js.map', /larger than 10 bytes$/, script, { maxBytes: 10 }], [`data:,${json}`, /larger than 10 bytes$/, script, { maxBytes: 10 }],
      ['app.js.map', /the script is not a file$/, 'evalmachine.<anonymous>'], ['data:application/json,%zz', /inline source map: broken data: URL/],
      ['data:application/json', /no content$/], ['', /the script names none$/], ['bad\nname.map', /no such file$/], [`${'x'.repeat(5000)}.map`, /long/],
      ['nul\u0000.map', /null byte/],
    ];
    for (const [sourceMapUrl, reason, url, options] of cases) {
      const result = await load(sourceMapUrl, url, options);
      assert.ok('warning' in result, sourceMapUrl);
      assert.match(result.warning, reason);
      assert.doesNotMatch(result.warning, /\n/);
      assert.ok(result.warning.length < 800);
    }
  });
});
