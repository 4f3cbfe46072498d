// Entry of `npm run bench`: the parent side is TypeScript, run by tsx; the measured programs are plain .mjs.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
