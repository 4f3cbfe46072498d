import type { LabelEngine, NativeLabels } from '../engine/label-engine.ts';
import { listenToSwitches, listenToUse, wrapContextMethods } from './context-switches.ts';
import type { SourceList } from './source-list.ts';

const none: NativeLabels = [];

/**
 * Labels where a context cannot be entered after the sample (`async-hooks`): at each point where the context is about
 * to change, one number tells whether samples were taken since the last such point; if so, their labels are asked for
 * there and then. Nothing of this runs before somebody gives labels.
 */
export class EpochLabels {
  readonly #engine: LabelEngine;
  readonly #sources: SourceList;
  /** Element 0: the thread's samples. Undefined while nobody gives labels. */
  #counter: Uint32Array | undefined;
  #labelled = 0;
  #asking = false;

  constructor(engine: LabelEngine, sources: SourceList) {
    this.#engine = engine;
    this.#sources = sources;
    wrapContextMethods();
  }

  start(): void {
    this.sourcesChanged();
  }

  sourcesChanged(): void {
    if (this.#sources.findActive()) this.#watch();
    else this.#waitForSources();
  }

  settle(): void {
    this.#leaving();
  }

  /** A tracing library shows when it uses its storage; this costs two look-ups each time, and no hook. */
  #waitForSources(): void {
    this.#counter = undefined;
    listenToUse(() => {
      if (this.#sources.findActive()) this.#watch();
    });
  }

  #watch(): void {
    if (this.#counter !== undefined) return;
    this.#counter = this.#engine.enableEpochs();
    this.#labelled = this.#counter[0] ?? 0;
    listenToSwitches({ leaving: () => this.#leaving(), left: () => this.#left() });
  }

  #leaving(): void {
    const counter = this.#counter;
    if (counter === undefined || counter[0] === this.#labelled || this.#asking) return;
    // Providers change contexts too.
    this.#asking = true;
    this.#sources.findActive();
    this.#engine.labelEpoch(this.#sources.collect());
    this.#labelled = counter[0] ?? 0;
    this.#asking = false;
  }

  /** No labels rather than those of another context. */
  #left(): void {
    const counter = this.#counter;
    if (counter === undefined || counter[0] === this.#labelled || this.#asking) return;
    this.#engine.labelEpoch(none);
    this.#labelled = counter[0] ?? 0;
  }
}
