// `hotspan run` with fake-register.mjs in place of the profiler.
import { dispatch } from '../../../../src/cli/dispatch.ts';
import { createRunCommand } from '../../../../src/cli/run.ts';

const run = createRunCommand({ registerUrl: new URL('./fake-register.mjs', import.meta.url).href });
const { stdout, stderr, env, argv } = process;
const io = { stdout, stderr, env, cwd: process.cwd() };
process.exitCode = await dispatch(argv.slice(2), io, new Map([['run', async () => run]]));
