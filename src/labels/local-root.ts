import type { LabelSink, LateValues } from './labels.ts';
import { labelKeys } from './label-keys.ts';

/** What a tracing library's local root span can tell of the request it stands for. */
export interface LocalRoot {
  readonly spanId: string;
  /** `GET /users/:id`; undefined while, or because, there is no route. */
  endpoint(): string | undefined;
  readonly hasEnded: boolean;
  /** Calls `listener` just before the span ends. */
  onEnd(listener: () => void): void;
}

/** The late endpoint of each root that was sampled before its route was known; gone with the root. */
export class LocalRootLabels {
  readonly #lateValues: LateValues;
  readonly #lateEndpoints = new WeakMap<object, number>();

  constructor(lateValues: LateValues) {
    this.#lateValues = lateValues;
  }

  /**
   * Adds the labels of the local root.
   * @param span the library's own object, the same for each sample of the root
   * @param known the endpoint as far as it is known otherwise: for a request that has not ended by the profile's end
   */
  add(sink: LabelSink, span: object, root: LocalRoot, known?: string): void {
    sink.add(labelKeys.localRootSpanId, root.spanId);
    const endpoint = root.endpoint();
    if (endpoint !== undefined) sink.add(labelKeys.endpoint, endpoint);
    else if (!root.hasEnded) sink.add(labelKeys.endpoint, known ?? '', this.#lateEndpoint(span, root));
  }

  #lateEndpoint(span: object, root: LocalRoot): number {
    const before = this.#lateEndpoints.get(span);
    if (before !== undefined) return before;
    const late = this.#lateValues.newLateValue();
    this.#lateEndpoints.set(span, late);
    root.onEnd(() => {
      const endpoint = root.endpoint();
      if (endpoint !== undefined) this.#lateValues.setLateValue(late, endpoint);
    });
    return late;
  }
}

/**
 * Calls `listener` before `span[method]()`, on this one object: only spans that were sampled are watched, so that all
 * others cost nothing.
 */
export function beforeCall(span: object, method: string, listener: () => void): void {
  const target = span as Record<string, unknown>;
  const original = target[method];
  if (typeof original !== 'function') return;
  const watching = function (this: unknown, ...args: unknown[]): unknown {
    try {
      listener();
    } catch {
      // A label is never worth the app's span.
    }
    return Reflect.apply(original, this, args);
  };
  try {
    Object.defineProperty(span, method, { value: watching, configurable: true, writable: true, enumerable: false });
  } catch {
    // A frozen span: its endpoint stays unknown.
  }
}
