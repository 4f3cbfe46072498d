import { createRequire } from 'node:module';
import type { Session } from 'node:inspector';

import { EngineError } from '../engine-error.ts';

const load = createRequire(import.meta.url);

/**
 * A session of the inspector protocol with this thread. Answers come at once. There is no way to close one: V8 turns
 * the precise coverage of all other sessions off (NODE_V8_COVERAGE, c8) when one that had its profiler on ends. So
 * connections are used again; see `borrowConnection`.
 */
export class InspectorConnection {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** @throws EngineError when V8 refuses */
  post(method: string, params: Record<string, unknown> = {}): unknown {
    let answer: { readonly error: Error | null; readonly result: unknown } | undefined;
    this.#session.post(method, params, (error, result: unknown) => (answer = { error, result }));
    if (answer === undefined) throw new EngineError(`V8's inspector did not answer ${method}`);
    if (answer.error !== null) throw new EngineError(`V8's inspector refused ${method}: ${answer.error.message}`);
    return answer.result;
  }
}

const free: InspectorConnection[] = [];

/**
 * A connection that nobody else uses, until it is given back.
 * @throws EngineError when this process has no inspector
 */
export function borrowConnection(): InspectorConnection {
  const connection = free.pop();
  if (connection !== undefined) return connection;
  let inspector: { readonly Session: new () => Session };
  try {
    inspector = load('node:inspector') as typeof inspector;
  } catch {
    throw new EngineError("this Node was built without V8's inspector");
  }
  try {
    const session = new inspector.Session();
    session.connect();
    return new InspectorConnection(session);
  } catch (error) {
    // The permission model forbids it.
    throw new EngineError(`V8's inspector cannot be used here: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function giveBackConnection(connection: InspectorConnection): void {
  free.push(connection);
}
