import type { Logger } from './logger.ts';

/** Further reasons are not said. */
const mostReasons = 16;

/** Says why profiles are lost, each reason once: what fails each minute must not fill the app's log. */
export class FailureLog {
  readonly #log: Pick<Logger, 'error'>;
  readonly #said = new Set<string>();
  #lost = 0;

  constructor(log: Pick<Logger, 'error'>) {
    this.#log = log;
  }

  /** The profiles of one period are lost. */
  failed(error: unknown): void {
    this.#lost++;
    const reason = reasonOf(error);
    if (this.#said.has(reason) || this.#said.size >= mostReasons) return;
    this.#said.add(reason);
    this.#log.error(messageOf(error));
  }

  /** At the end. */
  summarize(): void {
    if (this.#lost > this.#said.size) this.#log.error(`the profiles of ${this.#lost} periods were lost`);
    this.#lost = 0;
  }
}

/** The same for each period: a message names the period's file. */
function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const code: unknown = (cause as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : messageOf(cause);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
