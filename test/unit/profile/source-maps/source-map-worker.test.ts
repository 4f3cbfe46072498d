import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { SourceMapper } from '../../../../src/profile/source-maps/source-map-worker.ts';
import type { MappedLocation, UnmappedScript } from '../../../../src/profile/source-maps/positions.ts';

const run = promisify(execFile);
const mapperUrl = new URL('../../../../src/profile/source-maps/source-map-worker.ts', import.meta.url).href;
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** Forces every map through the worker. */
const always = { inlineBytes: -1 };

describe('SourceMapper', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hotspan-mapper-'));
    await writeFile(join(directory, 'app.js'), 'run()');
    await writeFile(join(directory, 'app.js.map'), JSON.stringify({ version: 3, names: [], sources: ['app.ts'], mappings: 'AAEI' }));
    await writeFile(join(directory, 'corrupt.map'), JSON.stringify({ version: 3, names: [], sources: [{}], mappings: '!!' }));
    const mappings = 'AAAA,CAAC,CAAC,CAAC,CAAC;'.repeat(600_000);
    await writeFile(join(directory, 'huge.map'), JSON.stringify({ version: 3, names: [], sources: ['huge.ts'], mappings }));
  });
  after(() => rm(directory, { recursive: true }));

  function script(scriptId: number, sourceMapUrl: string): UnmappedScript {
    const location = { id: scriptId * 10, line: 1, column: 1, functionName: 'run', functionLine: 1, functionColumn: 1 };
    return { scriptId, url: join(directory, 'app.js'), sourceMapUrl, locations: [location, { ...location, id: scriptId * 10 + 1 }] };
  }
  const places = (locations: readonly MappedLocation[]): string[] =>
    locations.map(({ id, file, line }) => `${id} ${file.slice(directory.length + 1)}:${line}`);

  for (const [where, options] of [['on this thread', {}], ['in the worker', always]] as const) {
    it(`maps scripts in order ${where}`, async () => {
      const warnings: string[] = [];
      const mapper = new SourceMapper({ ...options, onWarning: (line) => warnings.push(line) });
      const scripts = [script(1, 'app.js.map'), script(2, ''), script(3, 'missing.map'), script(4, 'app.js.map')];
      const expected = ['10 app.ts:3', '11 app.ts:3', '20 app.js:1', '21 app.js:1', '30 app.js:1', '31 app.js:1', '40 app.ts:3', '41 app.ts:3'];
      assert.deepEqual(places(await mapper.map(scripts)), expected);
      assert.deepEqual(places(mapper.mapSync(scripts)), expected);
      assert.deepEqual(places((await Promise.all([mapper.map(scripts), mapper.map(scripts)]))[1]), expected);
      assert.equal(warnings.length, 1, 'one warning a script, however often it is asked for');
      assert.match(warnings[0] ?? '', /app\.js keeps generated positions.*missing\.map.*no such file/);
    });
  }

  it('starts no worker for any number of small maps', async () => {
    const filled = JSON.stringify({ version: 3, names: [], sources: ['app.ts'], sourcesContent: ['x'.repeat(900_000)], mappings: 'AAEI' });
    await writeFile(join(directory, 'filled.map'), filled);
    let workers = 0;
    const count = (): number => ++workers;
    process.on('worker', count);
    const mapped = await new SourceMapper().map([1, 2, 3, 4, 5, 6].map((id) => script(id, 'filled.map')));
    process.off('worker', count);
    assert.equal(workers, 0);
    assert.equal(mapped.filter(({ line }) => line === 3).length, 12);
  });

  it('survives maps that are corrupt', async () => {
    const warnings: string[] = [];
    const mapper = new SourceMapper({ ...always, onWarning: (line) => warnings.push(line) });
    assert.deepEqual(places(await mapper.map([script(1, 'corrupt.map')])), ['10 app.js:1', '11 app.js:1']);
    assert.equal(warnings.length, 1);
  });

  it('refuses a map that is too large before it is read, which costs that script only', async () => {
    await writeFile(join(directory, 'giant.map'), '');
    await truncate(join(directory, 'giant.map'), 32 * 1024 * 1024 + 1);
    const warnings: string[] = [];
    const mapper = new SourceMapper({ ...always, onWarning: (line) => warnings.push(line) });
    const mapped = await mapper.map([script(1, 'app.js.map'), script(2, 'giant.map'), script(3, 'app.js.map')]);
    assert.deepEqual(places(mapped), ['10 app.ts:3', '11 app.ts:3', '20 app.js:1', '21 app.js:1', '30 app.ts:3', '31 app.ts:3']);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /giant\.map: it is larger than 33554432 bytes$/);
  });

  for (const where of ['in the worker', 'on this thread'] as const) {
    it(`maps in a heap that has no room for the map decoded ${where}, since a full heap ends the process`, async () => {
      const program = join(directory, 'small-heap.mjs');
      const call = where === 'in the worker' ? 'await mapper.map' : 'mapper.mapSync';
      await writeFile(join(directory, 'lines.js'), '\n'.repeat(4_000_000));
      const named = { ...script(3, 'huge.map'), url: join(directory, 'lines.js') };
      await writeFile(program, `
        import { SourceMapper } from ${JSON.stringify(mapperUrl)};
        const warnings = [];
        const mapper = new SourceMapper({ ...${JSON.stringify(always)}, onWarning: (line) => warnings.push(line) });
        const hold = setInterval(() => {}, 1000);
        const mapped = ${call}(${JSON.stringify([script(1, 'huge.map'), script(2, 'app.js.map'), named])});
        console.log(JSON.stringify({ files: mapped.map(({ file }) => file), warnings }));
        clearInterval(hold);
      `);
      const { stdout } = await run(process.execPath, ['--max-old-space-size=96', '--import', loader, program], { timeout: 60_000 });
      const { files, warnings } = JSON.parse(stdout) as { files: string[]; warnings: string[] };
      assert.deepEqual(files, ['huge.ts', 'huge.ts', 'app.ts', 'app.ts', 'huge.ts', 'huge.ts'].map((name) => join(directory, name)));
      assert.deepEqual(warnings, []);
    });
  }

  it('gives up on time', async () => {
    const warnings: string[] = [];
    const mapper = new SourceMapper({ ...always, timeoutMs: 0, onWarning: (line) => warnings.push(line) });
    // Something else must hold the process here, as the mapper does not.
    const hold = setInterval(() => {}, 1000);
    assert.deepEqual(places(await mapper.map([script(1, 'huge.map')])), ['10 app.js:1', '11 app.js:1']);
    clearInterval(hold);
    assert.match(warnings[0] ?? '', /not done after 0 ms/);
  });

  it('preloads nothing in the worker and does not keep the process alive', async () => {
    const log = join(directory, 'preload.log');
    const preload = join(directory, 'preload.cjs');
    await writeFile(preload, `require('node:fs').appendFileSync(${JSON.stringify(log)}, JSON.stringify(require('node:worker_threads').workerData) + '\\n')`);
    const program = join(directory, 'program.mjs');
    await writeFile(program, `
      import { SourceMapper } from ${JSON.stringify(mapperUrl)};
      const mapper = new SourceMapper(${JSON.stringify(always)});
      const hold = setInterval(() => {}, 1000);
      const [first] = await mapper.map([${JSON.stringify(script(1, 'app.js.map'))}]);
      console.log(first.line);
      clearInterval(hold);
      // Its worker is idle now and this one never answered for: neither may hold the process.
      mapper.map([${JSON.stringify(script(2, 'huge.map'))}]).then(() => console.log('held'));
    `);
    const { stdout, stderr } = await run(process.execPath, ['--import', loader, '--require', preload, program], {
      env: { ...process.env, NODE_OPTIONS: `--require "${preload}"` },
      timeout: 60_000,
    });
    assert.equal(stderr, '');
    assert.equal(stdout, '3\n');
    // The loader threads of tsx preload it as well; ours is known by its data.
    const threads = await readFile(log, 'utf8');
    assert.match(threads, /^null$/m, 'it did run in the main thread');
    assert.doesNotMatch(threads, /sourceMapLimits/, 'and not in the worker');
  });
});
