/**
 * hotspan: continuous profiling of Node.js programs.
 *
 * To profile without touching the code, load `hotspan/register` instead:
 * `node --require hotspan/register app.js`.
 */
import { prepare } from './profiler/running.ts';

export { capture, flush, start, stats, stop, type CaptureOptions, type Stats } from './profiler/running.ts';
export { addLabelProvider } from './labels/user-sources.ts';
export { withLabels } from './labels/with-labels.ts';
export { HotspanSpanProcessor } from './labels/opentelemetry-roots.ts';
export type { LabelProvider, Labels } from './labels/labels.ts';
export type { LabelStats } from './labels/thread-labels.ts';
export type { LabelSourceStats } from './labels/source-meter.ts';
export type { Capture } from './profiler/profiler.ts';
export type { ProfileType } from './profiler/profile-sources.ts';
export type { DurationSummary } from './engine/addon.ts';
export type { Options } from './options/option-types.ts';

prepare();
