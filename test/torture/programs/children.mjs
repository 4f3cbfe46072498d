// Child processes of every kind, started while samples arrive; they inherit neither handlers nor timers.
import { execFile, execSync, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createChecksum, times } from './checksum.mjs';

if (process.argv[3] === 'child') {
  process.send({ doubled: 42 }, () => process.disconnect());
} else {
  const checksum = createChecksum();
  for (let round = 0; round < times(4); round++) {
    const shell = execSync('echo shell; exit 0').toString();
    const busy = spawnSync('sh', ['-c', 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; echo $i; exit 5']);
    const echo = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
    echo.stdin.end('through a pipe');
    let piped = '';
    for await (const part of echo.stdout) piped += part;
    const parallel = await Promise.all(
      Array.from({ length: 5 }, (_, i) => new Promise((resolve) => execFile('echo', [String(i)], (_, out) => resolve(out.trim())))),
    );
    const killed = spawn('sleep', ['60']);
    killed.kill('SIGKILL');
    const [, signal] = await once(killed, 'exit');
    if (round === 0) checksum.add([shell, busy.stdout, busy.status, piped, parallel, signal].join());
  }
  const child = fork(fileURLToPath(import.meta.url), ['1', 'child']);
  const [message] = await once(child, 'message');
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  checksum.add(`${message.doubled} ${code}`);
  checksum.print('children');
}
