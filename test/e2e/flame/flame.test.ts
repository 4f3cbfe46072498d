import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { pageScript } from '../../../src/flame/page-script.ts';
import { renderFlamePage } from '../../../src/flame/render-page.ts';
import { gzipProfile } from '../../../src/profile/encode-profile.ts';
import { findChromium, launchChromium } from '../../support/chromium.ts';
import { largeFlameData } from '../../support/large-flame-data.ts';
import { runProgram } from '../../support/run-program.ts';
import { buildProfile, type StackSample } from '../../unit/profile/sample-profile.ts';

const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const builtApp = new URL('../../../dist/flame/page/app.js', import.meta.url);
/** Screenshots are kept for people to look at. */
const screenshots = fileURLToPath(new URL('../../../test-output/flame/', import.meta.url));
const ms = 1e6;

function shopProfile(hashMs: number, renamed: boolean) {
  const fn = renamed ? 'digest' : 'hash';
  const samples: StackSample[] = [
    { stack: [`${fn}@/app/crypto.js`, 'login@/app/accounts.js', 'main@/app/main.js'], values: [10, hashMs * ms], labels: { test: 'accounts logs in' } },
    { stack: ['parse@/app/json.js', 'read@/app/node_modules/reader/index.js', 'main@/app/main.js'], values: [20, 300 * ms], labels: { test: 'catalog reads' } },
    { stack: ['(scavenge)', '(garbage collector)', 'read@/app/node_modules/reader/index.js', 'main@/app/main.js'], values: [5, 50 * ms], labels: { test: 'catalog reads' } },
    { stack: ['parse@/app/json.js', 'login@/app/accounts.js', 'main@/app/main.js'], values: [5, 80 * ms], labels: { test: '</script><b>evil' } },
    { stack: ['nextTick@node:internal/process', 'main@/app/main.js'], values: [2, 20 * ms] },
  ];
  return buildProfile({ types: ['samples/count', 'cpu/nanoseconds'], samples, header: { defaultType: 'cpu' } });
}

describe('flame graph page in Chromium', function () {
  const executable = findChromium();
  let browser: Browser;
  let directory: string;
  let problems: string[] = [];

  before(async function () {
    if (executable === undefined) return this.skip();
    browser = await launchChromium(executable);
    directory = mkdtempSync(join(tmpdir(), 'hotspan-flame-'));
    mkdirSync(screenshots, { recursive: true });
    writeFileSync(join(directory, 'base.pb.gz'), await gzipProfile(shopProfile(200, false)));
    writeFileSync(join(directory, 'head.pb.gz'), await gzipProfile(shopProfile(420, true)));
  });
  after(async () => {
    await browser?.close();
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  });
  afterEach(() => {
    assert.deepEqual(problems, []);
    problems = [];
  });

  async function open(file: string, theme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 600 }, colorScheme: theme });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => problems.push(`${message.type()}: ${message.text()}`));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:') && !request.url().startsWith('data:')) problems.push(`request of ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(directory, file)).href);
    await page.waitForSelector('html[data-ready]');
    return page;
  }

  async function flame(...args: string[]): Promise<void> {
    const { code, stderr } = await runProgram({ node: process.execPath, args: [cli, 'flame', ...args], env: {}, cwd: directory, timeoutMs: 60_000 });
    assert.equal(code, 0, stderr);
  }

  const status = (page: Page): Promise<string> => page.locator('#status').innerText();
  const rows = (page: Page): Promise<string[]> => page.locator('#top tbody tr').allInnerTexts();
  const shoot = (page: Page, name: string) => page.screenshot({ path: join(screenshots, `${name}.png`) });
  /** Where the canvas shows a colour: what people see, not what the script thinks. */
  const pixel = (page: Page, x: number, y: number): Promise<number[]> => page.evaluate(([px, py]) => {
    const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    copy.drawImage(document.querySelector('canvas')!, -px! * devicePixelRatio, -py! * devicePixelRatio);
    return [...copy.getImageData(0, 0, 1, 1).data.subarray(0, 3)];
  }, [x, y]);
  const frames = (page: Page): Promise<void> => page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));

  it('searches, zooms, walks by keyboard and shows callers and callees', async () => {
    await flame('head.pb.gz', '-o', 'one.html');
    const page = await open('one.html');
    assert.match(await status(page), /^cpu: 870ms, 8 functions, /);
    assert.match((await rows(page))[0] ?? '', /420ms\s+420ms\s+digest/);
    await shoot(page, 'light');

    await page.keyboard.press('/');
    await page.keyboard.type('parse');
    assert.match(await status(page), /^1 function matches, 43\.68% of the time/);
    assert.deepEqual((await rows(page)).length, 1);
    await frames(page);
    await shoot(page, 'search');
    await page.keyboard.press('Escape');
    assert.equal((await rows(page)).length, 8);

    // Row 2 holds login, the widest callee of main, from the left edge on.
    const before = await page.locator('canvas').getAttribute('data-drawn');
    await page.locator('canvas').click({ position: { x: 30, y: 2 * 18 + 9 } });
    assert.match(await status(page), /^login \/app\/accounts\.js:1 \[app\]: 500ms \(57\.47%\)$/);
    await frames(page);
    assert.notEqual(await page.locator('canvas').getAttribute('data-drawn'), before);
    // Zoomed: login fills its row to the right edge, where main's other callee was.
    assert.deepEqual(await pixel(page, 790, 2 * 18 + 9), await pixel(page, 300, 2 * 18 + 4));
    await shoot(page, 'zoom');

    await page.keyboard.press('ArrowDown');
    assert.match(await status(page), /^digest /);
    await page.keyboard.press('ArrowRight');
    assert.match(await status(page), /^parse .*80ms/);
    await page.keyboard.press('s');
    assert.match(await status(page), /^parse: callers above, callees below$/);
    await frames(page);
    await shoot(page, 'sandwich');
    await page.keyboard.press('Escape');
    assert.match(await status(page), /^cpu: 870ms/);
    await page.close();
  });

  it('filters by label and switches the sample type', async () => {
    const page = await open('one.html');
    await page.selectOption('#label', { label: 'test=catalog reads' });
    assert.match(await status(page), /^cpu: 350ms/);
    assert.ok((await rows(page)).every((row) => !row.includes('digest')));
    await page.selectOption('#type', { label: 'samples (count)' });
    assert.match(await status(page), /^samples: 25,/);
    await page.selectOption('#label', { label: 'no test' });
    assert.match(await status(page), /^samples: 2,/);
    // A label that would end the script, were it not escaped.
    await page.selectOption('#label', { label: 'test=</script><b>evil' });
    assert.match(await status(page), /^samples: 5,/);
    await shoot(page, 'label');
    await page.close();
  });

  it('compares with a base, in colours and in words', async () => {
    await flame('head.pb.gz', '--base', 'base.pb.gz', '-o', 'diff.html');
    const page = await open('diff.html');
    assert.match(await status(page), /^cpu: 870ms, base 650ms/);
    assert.match((await rows(page))[0] ?? '', /420ms\s+420ms\s+▲ \+220ms\s+digest/);
    await page.locator('canvas').hover({ position: { x: 30, y: 3 * 18 + 9 } });
    assert.match(await page.locator('#tip').innerText(), /digest .*: 420ms \(48\.28%\), base 200ms \(30\.77%\), \+110\.00%/);
    await frames(page);
    const [red = 0, , blue = 0] = await pixel(page, 200, 3 * 18 + 4);
    assert.ok(red > blue + 60, `more is vermilion, got ${red}, ${blue}`);
    await shoot(page, 'diff');
    await page.selectOption('#compare', { label: 'compare shares' });
    await frames(page);
    const [lessRed = 0, , lessBlue = 0] = await pixel(page, 780, 3 * 18 + 4);
    assert.ok(lessBlue > lessRed + 60, `less is blue, got ${lessRed}, ${lessBlue}`);
    await shoot(page, 'diff-shares');
    await page.close();
  });

  it('follows the dark theme, and t turns it', async () => {
    const page = await open('diff.html', 'dark');
    assert.equal(await page.locator('body').getAttribute('data-theme'), 'dark');
    await shoot(page, 'dark');
    await page.keyboard.press('t');
    assert.equal(await page.locator('body').getAttribute('data-theme'), 'light');
    await page.close();
  });

  it('draws of 50,000 frames those that can be seen', async () => {
    const html = await renderFlamePage({ title: '50,000 frames', data: largeFlameData(50_000), script: await pageScript(builtApp) });
    writeFileSync(join(directory, 'large.html'), html);
    const page = await open('large.html');
    assert.match(await status(page), /50000 functions, 50000 call paths$/);
    await frames(page);
    const drawn = Number(await page.locator('canvas').getAttribute('data-drawn'));
    assert.ok(drawn > 500 && drawn < 15_000, `${drawn} drawn`);
    await page.fill('#search', 'function4[0-9]{4}$');
    assert.match(await status(page), /^10000 functions match/);
    await page.fill('#search', '');
    await page.locator('canvas').click({ position: { x: 10, y: 3 * 18 + 9 } });
    await frames(page);
    await shoot(page, 'large');
    await page.close();
  });
});
