// Starts two children that burn, as a build tool would.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const busy = fileURLToPath(new URL('./busy.mjs', import.meta.url));
for (let i = 0; i < 2; i++) spawnSync(process.execPath, [busy, '0', '200'], { stdio: 'ignore' });
