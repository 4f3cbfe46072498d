import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('../../.receivers/', import.meta.url));

const programs = { agent: 'agent/bin/ddapm-test-agent', collector: 'collector/hotspan-collector' } as const;

/** Path of a receiver that scripts/install-receivers.sh installed, or why it is not there. */
export function findReceiver(name: keyof typeof programs): { path: string } | { reason: string } {
  const path = `${directory}${programs[name]}`;
  const skipped = `${directory}${name}.skipped`;
  if (existsSync(skipped)) return { reason: readFileSync(skipped, 'utf8').trim() };
  return existsSync(path) ? { path } : { reason: 'not installed: scripts/install-receivers.sh' };
}
