import { parentPort, workerData } from 'node:worker_threads';
import { nameOwnThread } from '../name-own-thread.ts';
import { mapScriptSync } from './map-script.ts';
import type { MapperThreadData } from './mapper-thread.ts';
import type { UnmappedScript } from './positions.ts';

nameOwnThread();
const { sourceMapLimits } = workerData as MapperThreadData;

// Runs in the worker of MapperThread: one script in, its MapScriptResult out.
parentPort?.on('message', (script: UnmappedScript) => {
  parentPort?.postMessage(mapScriptSync(script, sourceMapLimits));
});
