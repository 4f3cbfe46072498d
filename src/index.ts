/**
 * hotspan: continuous profiling of Node.js programs.
 *
 * To profile without touching the code, load `hotspan/register` instead:
 * `node --import hotspan/register app.js`.
 */
import { prepare } from './profiler/running.ts';

export { capture, start, stats, stop, type CaptureOptions, type Stats } from './profiler/running.ts';
export type { Capture } from './profiler/profiler.ts';
export type { DurationSummary } from './engine/addon.ts';
export type { Options } from './options/option-types.ts';

prepare();
