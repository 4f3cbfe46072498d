import { loadAddon } from './addon.ts';
import { refusesAddon } from './refuses-addon.ts';

/**
 * Compresses to gzip off the JavaScript thread, with nothing that the app's hooks see before it is done. Undefined where
 * the addon is not there or knows no zlib.
 */
export async function nativeGzip(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  return addon()?.gzip(bytes);
}

/** The same at once. */
export function nativeGzipSync(bytes: Uint8Array): Uint8Array | undefined {
  return addon()?.gzipSync(bytes);
}

function addon() {
  const load = refusesAddon() ? undefined : loadAddon();
  return load !== undefined && 'addon' in load ? load.addon : undefined;
}
