import type { Scenario } from '../support/scenario.ts';
import { accuracy } from './accuracy.ts';
import { burst } from './burst.ts';
import { encode } from './encode.ts';
import { handler } from './handler.ts';
import { heap } from './heap.ts';
import { idle } from './idle.ts';
import { labels } from './labels.ts';
import { memory } from './memory.ts';
import { overhead } from './overhead.ts';
import { scaling } from './scaling.ts';
import { stall } from './stall.ts';
import { threads } from './threads.ts';
import { throughput } from './throughput.ts';
import { workers } from './workers.ts';

/** In the order of the report; those without an `about` measure hotspan alone and are not part of it. */
export const scenarios: readonly Scenario[] = [
  stall, idle, memory, throughput, labels, accuracy, heap, encode, scaling, workers,
  burst, handler, overhead, threads,
];
