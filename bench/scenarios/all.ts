import type { Scenario } from '../support/scenario.ts';
import { burst } from './burst.ts';
import { handler } from './handler.ts';
import { heap } from './heap.ts';
import { idle } from './idle.ts';
import { labels } from './labels.ts';
import { memory } from './memory.ts';
import { overhead } from './overhead.ts';
import { stall } from './stall.ts';
import { threads } from './threads.ts';

export const scenarios: readonly Scenario[] = [stall, idle, burst, handler, memory, overhead, threads, labels, heap];
