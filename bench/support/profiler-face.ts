/** What benchmarks drive by hand, from the same chunks as the app's: built to dist/bench/, not published. */
export { createDelivery } from '../../src/profiler/create-exporters.ts';
export { createProfiler } from '../../src/profiler/create-profiler.ts';
export { settleOptions, stats } from '../../src/profiler/running.ts';
