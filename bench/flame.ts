/**
 * How fluid the flame graph page is with 50,000 distinct frames: `node --import tsx bench/flame.ts` after a build.
 * Prints milliseconds in headless Chromium without a GPU: from the action to the picture that shows it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pageScript } from '../src/flame/page-script.ts';
import { renderFlamePage } from '../src/flame/render-page.ts';
import { findChromium, launchChromium } from '../test/support/chromium.ts';
import { largeFlameData } from '../test/support/large-flame-data.ts';
import { median } from './support/statistics.ts';

const executable = findChromium();
if (executable === undefined) throw new Error('no Chromium: install one, or name it in HOTSPAN_TEST_CHROMIUM');
const directory = mkdtempSync(join(tmpdir(), 'hotspan-bench-'));
const browser = await launchChromium(executable);
try {
  const script = await pageScript(new URL('../dist/flame/page/app.js', import.meta.url));
  const html = await renderFlamePage({ title: '50,000 frames', data: largeFlameData(50_000), script });
  const file = join(directory, 'large.html');
  writeFileSync(file, html);
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  // The loader of this file marks functions with a helper that the page does not have.
  await page.addInitScript('globalThis.__name = (fn) => fn');
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('html[data-ready]');
  const loadMs = await page.evaluate(() => performance.now());
  const measured = await page.evaluate(async () => {
    const painted = () => new Promise<void>((done) => requestAnimationFrame(() => setTimeout(done)));
    const byId = (id: string) => document.getElementById(id) as HTMLInputElement;
    const canvas = document.querySelector('canvas')!;
    const actions: Record<string, (round: number) => void> = {
      zoom: (round) => canvas.dispatchEvent(new MouseEvent('click', { clientX: 20 + round, clientY: canvas.getBoundingClientRect().top + 18 * (2 + (round % 6)) + 9 })),
      search: (round) => {
        byId('search').value = `function${1 + round}`;
        byId('search').dispatchEvent(new Event('input'));
      },
      scroll: (round) => (byId('graph').scrollTop = 30 * round),
      label: (round) => {
        const label = document.querySelector<HTMLSelectElement>('#label')!;
        label.selectedIndex = round % 3;
        label.dispatchEvent(new Event('change'));
      },
    };
    const results: Record<string, number[]> = {};
    for (const [name, act] of Object.entries(actions)) {
      results[name] = [];
      for (let round = 0; round < 15; round++) {
        await painted();
        const started = performance.now();
        act(round);
        await painted();
        results[name].push(performance.now() - started);
      }
    }
    results['draw alone'] = [Number(canvas.dataset['drawMs'])];
    return results;
  });
  console.log(`${(html.length / 1e6).toFixed(2)} MB, ready after ${loadMs.toFixed(0)} ms`);
  for (const [name, times] of Object.entries(measured)) console.log(`${name}: median ${median(times).toFixed(1)} ms, most ${Math.max(...times).toFixed(1)} ms`);
} finally {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
}
