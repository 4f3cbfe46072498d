import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type * as deliveryThread from '../delivery/delivery-thread.ts';
import type { DeliveryThread } from '../delivery/delivery-thread.ts';
import type * as detectResourceModule from '../delivery/detect-resource.ts';
import type { Exporter } from '../delivery/exporter.ts';
import { createFileExporter } from '../delivery/file-exporter.ts';
import type { Resource } from '../delivery/resource.ts';
import type { SpoolOptions } from '../delivery/spool.ts';
import { type Environment, statedAttributes } from '../options/env-source.ts';
import type { ResolvedOptions } from '../options/option-types.ts';
import type * as uploadAddressModule from '../options/upload-address.ts';
import type { UploadAddress } from '../options/upload-address.ts';
import { absolutePath } from '../profile/working-directory.ts';
import type { Logger } from './logger.ts';
import { requireOurs } from './require-ours.ts';

export interface Delivery {
  readonly exporters: readonly Exporter[];
  /** Undefined when nothing is uploaded. */
  readonly thread: DeliveryThread | undefined;
  readonly addresses: readonly UploadAddress[];
  /** Where the spans of these go. Throws for an address that is none. */
  readonly spanAddresses: () => readonly UploadAddress[];
  readonly resource: () => Resource;
}

/** Everything that takes profiles away, as the options and the environment say. What uploads is loaded only then. */
export function createDelivery(options: ResolvedOptions, env: Environment, log: Logger): Delivery {
  const resource = (): Resource => {
    const { detectResource } = requireOurs('../delivery/detect-resource') as typeof detectResourceModule;
    return detectResource(options, env, statedAttributes(env));
  };
  const uploads = options.export.flatMap((target) => (target.kind === 'file' ? [] : addressOf(target, env, log).map((address) => ({ target, address }))));
  const addresses = uploads.map(({ address }) => address);
  const files = options.export.flatMap((target) =>
    target.kind === 'file' ? [createFileExporter(target.directory, (line) => log.info(line))] : [],
  );
  const spanAddresses = (): UploadAddress[] => {
    const { spanAddress } = requireOurs('../options/upload-address') as typeof uploadAddressModule;
    return uploads.map(({ target }) => spanAddress(target, env));
  };
  if (addresses.length === 0) return { exporters: files, thread: undefined, addresses, spanAddresses, resource };
  const { DeliveryThread } = requireOurs('../delivery/delivery-thread') as typeof deliveryThread;
  const thread = new DeliveryThread({ targets: addresses, spool: spoolOptions(options), resource, log });
  return { exporters: [...files, thread], thread, addresses, spanAddresses, resource };
}

type UploadTarget = Parameters<typeof uploadAddressModule.uploadAddress>[0];

function addressOf(target: UploadTarget, env: Environment, log: Logger): UploadAddress[] {
  try {
    return [(requireOurs('../options/upload-address') as typeof uploadAddressModule).uploadAddress(target, env)];
  } catch (error) {
    log.error(`no profiles for ${target.kind}: its address in the environment cannot be used: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/** Older than a day is of no use to anybody, and some backends refuse it. */
const maxAgeMs = 24 * 3_600_000;

function spoolOptions({ spool, spoolSize }: ResolvedOptions): SpoolOptions | undefined {
  if (spool === 'off') return undefined;
  return { directory: spool === undefined ? defaultSpool() : absolutePath(spool), maxBytes: spoolSize * 1024 * 1024, maxAgeMs };
}

function defaultSpool(): string {
  return join(tmpdir(), `hotspan-${process.getuid?.() ?? process.env['USERNAME'] ?? 'user'}`);
}
