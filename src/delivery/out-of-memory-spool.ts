import { ownOwner } from './file-owner.ts';
import { encodePeriodFacts } from './period-file.ts';
import type { Resource } from './resource.ts';
import { makePrivateSync, type SpoolOptions } from './spool.ts';
import { spoolDirectory } from './spool-directory.ts';
import type { UploadTarget } from './targets.ts';

/**
 * What is needed to keep a last heap profile for its upload without JavaScript: the content of a spooled period (see
 * period-file.ts) as far as it is known now, and where it goes. Thread, end and length are put in then.
 */
export interface OutOfMemorySpool {
  /** Absolute; they are there. One for each destination. */
  readonly directories: readonly string[];
  /** Of the period, without the thread. */
  readonly id: string;
  /** Ending of the file's name. */
  readonly owner: string;
  /** A JSON object without its closing brace. */
  readonly facts: string;
}

export interface SpoolPlace {
  readonly targets: readonly UploadTarget[];
  readonly spool: SpoolOptions;
  readonly resource: Resource;
}

/**
 * Prepares the spool for a heap profile that is written when memory has run out. The process itself, or the next start
 * of the service, finds and sends it. Undefined when no directory can be written to.
 * @param startMs start of the profile, milliseconds since 1970
 */
export function outOfMemorySpool({ targets, spool, resource }: SpoolPlace, startMs: number): OutOfMemorySpool | undefined {
  const directories = targets.flatMap((target) => {
    const directory = spoolDirectory(spool.directory, resource.service, target);
    try {
      makePrivateSync(directory);
      return [directory];
    } catch {
      // The first period says so.
      return [];
    }
  });
  if (directories.length === 0) return undefined;
  const facts = encodePeriodFacts({ resource, startMs, sequence: 0, whole: false, last: false, outOfMemory: true });
  return { directories, id: `${resource.runtimeId}-${Math.round(startMs)}-oom`, owner: ownOwner, facts };
}
