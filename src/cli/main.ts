#!/usr/bin/env node
import { workingDirectory } from '../profile/working-directory.ts';
import { dispatch } from './dispatch.ts';

// `hotspan top … | head` closes our stdout early; that is the reader's right and no error, and the
// exit code stays what it would have been.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

// Not process.exit(): output to a pipe may still be on its way.
process.exitCode = await dispatch(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: workingDirectory(),
});
