import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { UploadTarget } from './targets.ts';

/** One directory for each service and destination: profiles of one must not go to the other. */
export function spoolDirectory(root: string, service: string, { kind, url }: UploadTarget): string {
  const hash = createHash('sha256').update(JSON.stringify([service, kind, url])).digest('hex').slice(0, 12);
  const readable = service.replaceAll(/[^\w.-]+/g, '_').slice(0, 40);
  return join(root, `${readable}-${kind}-${hash}`);
}
