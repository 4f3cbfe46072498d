import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import { DeliveryThread } from '../delivery/delivery-thread.ts';
import { detectResource } from '../delivery/detect-resource.ts';
import type { Exporter } from '../delivery/exporter.ts';
import { createFileExporter } from '../delivery/file-exporter.ts';
import type { Resource } from '../delivery/resource.ts';
import type { SpoolOptions } from '../delivery/spool.ts';
import { type Environment, statedAttributes } from '../options/env-source.ts';
import type { ResolvedOptions } from '../options/option-types.ts';
import { uploadAddress, type UploadAddress } from '../options/upload-address.ts';
import type { Logger } from './logger.ts';

export interface Delivery {
  readonly exporters: readonly Exporter[];
  /** Undefined when nothing is uploaded. */
  readonly thread: DeliveryThread | undefined;
  readonly addresses: readonly UploadAddress[];
  readonly resource: () => Resource;
}

/** Everything that takes profiles away, as the options and the environment say. */
export function createDelivery(options: ResolvedOptions, env: Environment, log: Logger): Delivery {
  const attributes = statedAttributes(env);
  const resource = (): Resource => detectResource(options, env, attributes);
  const addresses = options.export.flatMap((target) => (target.kind === 'file' ? [] : addressOf(target, env, log)));
  const thread =
    addresses.length === 0
      ? undefined
      : new DeliveryThread({ targets: addresses, spool: spoolOptions(options), resource, log });
  const files = options.export.flatMap((target) =>
    target.kind === 'file' ? [createFileExporter(target.directory, (path) => log.info(`wrote ${path}`))] : [],
  );
  return { exporters: thread === undefined ? files : [...files, thread], thread, addresses, resource };
}

function addressOf(target: Parameters<typeof uploadAddress>[0], env: Environment, log: Logger): UploadAddress[] {
  try {
    return [uploadAddress(target, env)];
  } catch (error) {
    log.error(`no profiles for ${target.kind}: its address in the environment cannot be used: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/** Older than a day is of no use to anybody, and some backends refuse it. */
const maxAgeMs = 24 * 3_600_000;

function spoolOptions({ spool, spoolSize }: ResolvedOptions): SpoolOptions | undefined {
  if (spool === 'off') return undefined;
  return { directory: spool ?? defaultSpool(), maxBytes: spoolSize * 1024 * 1024, maxAgeMs };
}

function defaultSpool(): string {
  return join(tmpdir(), `hotspan-${process.getuid?.() ?? userInfo().username}`);
}
