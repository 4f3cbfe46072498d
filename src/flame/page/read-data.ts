/// <reference lib="dom" />
import type { FlameData } from '../../analyze/flame-data.ts';

/** The page's own data: base64 of gzip of JSON, which is a tenth of the JSON. */
export async function readData(elementId: string): Promise<FlameData> {
  const text = document.getElementById(elementId)?.textContent ?? '';
  const bytes = Uint8Array.from(atob(text.trim()), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return await new Response(stream).json() as FlameData;
}
