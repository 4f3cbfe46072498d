import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const profilerUrl = new URL('../../../src/profiler/profiler.ts', import.meta.url).href;

/** A profiler whose source maps take a while and, like those of the real mapper, hold no process. */
const program = `
  import { Profiler } from ${JSON.stringify(profilerUrl)};
  const counters = { idle: [], ringFull: 0, stackTableFull: 0, truncatedStacks: 0, unansweredNs: 0, unresolvedFrames: 0 };
  const snapshot = { counters, encode: async () => new Uint8Array(100) };
  const engine = {
    start() {}, stop() {}, handOver: async () => {}, takeUnmapped: () => [{}], setMapped() {}, stats: () => undefined,
    openSession: () => ({ take: () => snapshot, close: () => snapshot }),
  };
  const options = { profiles: ['cpu'], rate: 99, nativeFrames: 'leaf', period: 0, labels: {} };
  const exporter = { export: async ({ profiles }) => console.log('exported', profiles[0].bytes.length > 0) };
  const profiler = new Profiler({
    engine,
    labels: { start() {}, settle() {}, takeEndpointCounts() {} },
    options,
    exporters: [exporter],
    sourceMapper: { map: () => new Promise((resolve) => setTimeout(() => resolve([]), 200).unref()) },
    log: { error: console.log },
  });
`;

async function outputOf(code: string): Promise<string> {
  const args = ['--import', loader, '--input-type=module', '-e', program + code];
  return (await run(process.execPath, args, { timeout: 60_000 })).stdout;
}

describe('Profiler', () => {
  it('keeps the process alive while a capture is waited for', async () => {
    assert.equal(await outputOf('console.log((await profiler.capture(0.01, ["cpu"])).cpu.length > 0);'), 'true\n');
  });

  it('stops the engine when a capture fails midway', async () => {
    const failing = `
      engine.stop = () => console.log('engine stopped');
      snapshot.encode = async () => { throw new Error('no memory'); };
      await profiler.capture(0.01, ['cpu']).catch(({ message }) => console.log(message));
    `;
    assert.equal(await outputOf(failing), 'engine stopped\nno memory\n');
  });

  it('keeps the process alive while stop is waited for', async () => {
    assert.equal(await outputOf("profiler.start(); await profiler.stop(); console.log('stopped');"), 'exported true\nstopped\n');
  });

  it('waits, without blocking, with the end of a profile for what a slow disk still reads', async () => {
    const reading = `
      const began = performance.now();
      let turns = 0;
      const turning = setInterval(() => turns++, 5);
      const isReady = () => performance.now() - began > 300;
      engine.stats = () => ({ ready: isReady() });
      engine.openSession = () => ({ close: () => (console.log('closed', isReady(), turns > 10), snapshot) });
      profiler.start();
      await Promise.all([profiler.capture(0.01, ['cpu']), profiler.stop()]);
      clearInterval(turning);
    `;
    assert.equal(await outputOf(reading), 'closed true true\nclosed true true\nexported true\n');
  });

  it('ends no app when a period cannot be ended, and says so once', async () => {
    const failing = `
      engine.openSession = () => ({ take() { throw new Error('no room'); }, close: () => snapshot });
      options.period = 0.02;
      profiler.start();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await profiler.stop();
      console.log('the app goes on');
    `;
    assert.match(await outputOf(failing), /^the profile of this period is lost: no room\nexported true\n(the profiles of \d+ periods were lost\n)?the app goes on\n$/);
  });

  it('does not look at package.json when it starts, which options do when they are asked for the service', async () => {
    const asked = "Object.defineProperty(options, 'service', { enumerable: true, get: () => console.log('looked') });";
    assert.equal(await outputOf(`${asked} profiler.start(); console.log('started');`), 'started\n');
  });

  it('gives profiles of one process without rotation names of their own after a flush', async () => {
    const told = 'exporter.export = async ({ whole, sequence }) => console.log(whole, sequence); ';
    assert.equal(await outputOf(`${told} profiler.start(); await profiler.stop();`), 'true 0\n');
    assert.equal(await outputOf(`${told} profiler.start(); await profiler.flush(); await profiler.stop();`), 'false 0\nfalse 1\n');
  });

  it('does not keep it alive for a period that nobody waits for', async () => {
    assert.equal(await outputOf('profiler.start(); profiler.rotate();'), '');
  });
});
