import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Document } from './render-report.ts';

/** Writes benchmarks.md and images/ in a folder of the repository. Returns the path of the text from there. */
export function writeDocument({ markdown, images }: Document, folder: string): string {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const imageFolder = join(root, folder, 'images');
  mkdirSync(imageFolder, { recursive: true });
  for (const [name, image] of images) writeFileSync(join(imageFolder, name), image);
  writeFileSync(join(root, folder, 'benchmarks.md'), markdown);
  return join(folder, 'benchmarks.md');
}
