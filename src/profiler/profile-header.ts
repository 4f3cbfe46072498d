import type { Snapshot } from '../engine/engine.ts';
import type { ResolvedOptions } from '../options/option-types.ts';

/** A process may have hundreds of workers. */
const mostIdleComments = 64;

/** What a profile was taken of: lines for its comments. */
export function originComments(options: Pick<ResolvedOptions, 'service' | 'env' | 'version' | 'labels'>): string[] {
  return [
    `service: ${options.service}`,
    ...(options.env === undefined ? [] : [`env: ${options.env}`]),
    ...(options.version === undefined ? [] : [`version: ${options.version}`]),
    ...Object.entries(options.labels).map(([key, value]) => `label: ${key}=${value}`),
    `process: pid ${process.pid}, node ${process.version}, v8 ${process.versions.v8}`,
  ];
}

/** What a profile of times leaves out. */
export function timeComments(counters: Snapshot['counters']): string[] {
  return [
    ...counters.idle.slice(0, mostIdleComments).map(
      ({ thread, ns }) => `idle: ${thread} ${(ns / 1e9).toFixed(3)} s waiting in the event loop, not in the samples`,
    ),
    ...loss(counters.ringFull, 'samples found the ring full; their time is given to the last ones before'),
    ...loss(counters.stackTableFull, 'samples found the stack table full; their time is under (stack table full)'),
    ...loss(counters.truncatedStacks, 'stacks were deeper than 1024 frames; they end in (truncated)'),
    ...(counters.unansweredNs === 0
      ? []
      : [
          `lost: ${(counters.unansweredNs / 1e9).toFixed(3)} s of CPU time of threads that run JavaScript have no stack, under (not sampled): the threads did not answer the sampling signal, since they block it or other code took it`,
        ]),
    ...loss(counters.unresolvedFrames, 'frames could not be resolved and are left out of their stacks'),
  ];
}

function loss(count: number, what: string): string[] {
  return count === 0 ? [] : [`lost: ${count} ${what}`];
}
