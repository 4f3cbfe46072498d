import type { NativeLabels } from '../engine/label-engine.ts';
import { FlatLabels } from './flat-labels.ts';
import type { LabelSource } from './labels.ts';
import { SourceMeter, type LabelSourceStats } from './source-meter.ts';
import { userSources } from './user-sources.ts';

/** All sources of labels of this thread: tracing libraries first, so that the app's own labels win over theirs. */
export class SourceList {
  readonly #libraries: readonly LabelSource[];
  readonly #warn: (line: string) => void;
  readonly #meters = new Map<LabelSource, SourceMeter>();
  readonly #flat = new FlatLabels();
  #active: readonly SourceMeter[] = [];

  /** @param onChange is called when the app adds or removes a source */
  constructor(libraries: readonly LabelSource[], warn: (line: string) => void, onChange: () => void) {
    this.#libraries = libraries;
    this.#warn = warn;
    const read = (): void => this.#read(sources);
    const sources = userSources(() => {
      read();
      onChange();
    });
    read();
  }

  /** Looks which sources may have labels now, for the calls of collect() that follow. False: none. */
  findActive(): boolean {
    const active: SourceMeter[] = [];
    for (const meter of this.#meters.values()) if (meter.isActive()) active.push(meter);
    this.#active = active;
    return active.length > 0;
  }

  /** The labels of the async context that it is called in; good until the next call. */
  collect(): NativeLabels {
    this.#flat.clear();
    for (const meter of this.#active) meter.collect(this.#flat);
    return this.#flat.values;
  }

  /** Of the sources that were asked. */
  stats(): LabelSourceStats[] {
    return [...this.#meters.values()].map((meter) => meter.stats()).filter(({ calls, skipped }) => calls + skipped > 0);
  }

  #read(userSources: readonly LabelSource[]): void {
    const before = new Map(this.#meters);
    this.#meters.clear();
    for (const source of [...this.#libraries, ...userSources]) {
      this.#meters.set(source, before.get(source) ?? new SourceMeter(source, this.#warn));
    }
  }
}
