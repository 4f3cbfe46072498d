// `hotspan run` with fake-register.cjs in place of the profiler.
import { fileURLToPath } from 'node:url';
import { dispatch } from '../../../../src/cli/dispatch.ts';
import { createRunCommand } from '../../../../src/cli/run.ts';

const run = createRunCommand({ registerPath: fileURLToPath(new URL('./fake-register.cjs', import.meta.url)) });
const { stdout, stderr, env, argv } = process;
const io = { stdout, stderr, env, cwd: process.cwd() };
process.exitCode = await dispatch(argv.slice(2), io, new Map([['run', async () => run]]));
