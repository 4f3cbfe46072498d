import * as hotspan from 'hotspan';
import run from './tracers.cjs';

await run(hotspan, process.argv[2]);
