// A process with children of one kind: `family.mjs cluster|fork|spawn|foreign`. Each Node process burns in a function
// of its own. Prints { pids, foreign }: the Node processes with what they burn in, and what a non-Node child said.
import { execFileSync, fork, spawn, spawnSync } from 'node:child_process';
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread } from 'node:worker_threads';

const self = fileURLToPath(import.meta.url);
const [mode, role] = process.argv.slice(2);

const burners = {
  burnInParent: burner('burnInParent'),
  burnInCluster: burner('burnInCluster'),
  burnInFork: burner('burnInFork'),
  burnInSpawn: burner('burnInSpawn'),
  burnInWorkerOfFork: burner('burnInWorkerOfFork'),
};

/** A function of this name that burns 200 ms of the process's CPU time. */
function burner(name) {
  return new Function(
    `return function ${name}() {
      let x = 1;
      for (const end = process.cpuUsage().user + 2e5; process.cpuUsage().user < end; ) for (let i = 0; i < 1e6; i++) x = (x * 31 + i) | 0;
      return x;
    }`,
  )();
}

const exited = (child) => new Promise((resolve, reject) => child.once('exit', (code) => (code === 0 ? resolve(child) : reject(new Error(`exit ${code}`)))));

const modes = {
  async cluster() {
    const workers = await Promise.all([1, 2].map(() => exited(cluster.fork().process)));
    return { pids: workers.map(({ pid }) => [pid, 'burnInCluster']) };
  },
  async fork() {
    const child = await exited(fork(self, [mode, 'burnInFork']));
    return { pids: [[child.pid, 'burnInFork'], [child.pid, 'burnInWorkerOfFork']] };
  },
  async spawn() {
    // Through a shell, with an environment and a working directory of its own.
    const env = { ...process.env, EXTRA: '1' };
    const first = await exited(spawn(process.execPath, [self, mode, 'burnInSpawn'], { env, cwd: '/', stdio: 'ignore' }));
    execFileSync('sh', ['-c', `"${process.execPath}" "${self}" ${mode} burnInSpawn`]);
    return { pids: [[first.pid, 'burnInSpawn']] };
  },
  async foreign() {
    const script = 'grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status; ls /proc/self/fd | wc -l; echo "preload:$LD_PRELOAD"; exit 3';
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    return { pids: [], foreign: { status, stdout, stderr } };
  },
};

if (!isMainThread) burners.burnInWorkerOfFork();
else if (cluster.isWorker) {
  burners.burnInCluster();
  process.disconnect();
} else if (role) {
  burners[role]();
  if (mode === 'fork') {
    await new Promise((resolve) => new Worker(new URL(import.meta.url)).once('exit', resolve));
    process.disconnect();
  }
} else {
  burners.burnInParent();
  const said = await modes[mode]();
  said.pids.push([process.pid, 'burnInParent']);
  console.log(JSON.stringify(said));
}
