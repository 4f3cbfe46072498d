import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** `HOTSPAN_TEST_CHROMIUM`, else what the PATH has; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env['HOTSPAN_TEST_CHROMIUM'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...(named === undefined ? [] : [named]), ...candidates].find((path) => existsSync(path));
}

/** A headless Chromium that talks to nobody. */
export function launchChromium(executablePath: string): Promise<Browser> {
  const args = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ];
  return chromium.launch({ executablePath, args });
}
