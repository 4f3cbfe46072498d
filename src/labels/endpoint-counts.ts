/** Beyond, endpoints are counted together: a service whose routes are not routes but paths must not grow for ever. */
const maxEndpoints = 1000;
const otherEndpoints = '(other endpoints)';

/** Requests of this thread that ended, by endpoint. Counts nothing before somebody wants it to. */
export class EndpointCounts {
  #counts = new Map<string, number>();
  #wanted = false;

  get wanted(): boolean {
    return this.#wanted;
  }

  /** From now on requests are counted. */
  begin(): void {
    this.#wanted = true;
  }

  add(endpoint: string): void {
    const key = this.#counts.has(endpoint) || this.#counts.size < maxEndpoints ? endpoint : otherEndpoints;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Those since it was last called. */
  take(): Readonly<Record<string, number>> {
    const taken = Object.fromEntries(this.#counts);
    this.#counts = new Map();
    return taken;
  }
}

/** One for each thread: whatever ends a local root in it counts here. */
export const endpointCounts = new EndpointCounts();
