import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { Variant } from './variants.ts';

/** A folder without source maps: @datadog/pprof, as dd-trace drives it, reads all that are beneath the working directory. */
const cwd = fileURLToPath(new URL('../programs/', import.meta.url));

export interface ChildOptions {
  readonly node: string;
  /** File name in bench/programs. */
  readonly program: string;
  /** What the program is to do; it reads them with readSettings(). */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly flags?: readonly string[];
  /** Run on one processor only, as in a small container. @default false */
  readonly oneCpu?: boolean;
  /** @default 180000 */
  readonly timeoutMs?: number;
}

export type Message = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A measured program, and the conversation with it over IPC. */
export class Child {
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #received: Message[] = [];
  readonly #ended: Promise<void>;
  #wake: () => void = () => {};
  #failure: Error | undefined;
  #exited = false;

  constructor(options: ChildOptions) {
    const program = fileURLToPath(new URL(`../programs/${options.program}`, import.meta.url));
    const command = [options.node, ...(options.flags ?? []), program, JSON.stringify(options.settings)];
    const [file = '', ...args] = options.oneCpu === true ? ['taskset', '-c', '0', ...command] : command;
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: cleanEnvironment(), cwd });
    this.#process = child;
    this.pid = child.pid ?? 0;
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('message', (message: Message) => {
      this.#received.push(message);
      this.#wake();
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 180_000);
    this.#ended = new Promise((resolve) => {
      child.on('error', (error) => (this.#failure = error));
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        if (code !== 0) this.#failure ??= new Error(`${options.program} ended with ${signal ?? code}: ${stderr.trim()}`);
        this.#exited = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** The next message of this type; others before it are dropped. Rejects when the program ends without one. */
  async receive(type: string): Promise<Message> {
    for (;;) {
      const message = this.#received.shift();
      if (message?.type === type) return message;
      if (message !== undefined) continue;
      if (this.#exited) throw this.#failure ?? new Error(`the program ended without saying ${type}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  send(message: Message): void {
    this.#process.send(message);
  }

  /** Sends a message and waits for the answer of the same type. */
  async ask(message: Message): Promise<Message> {
    this.send(message);
    return this.receive(message.type);
  }

  /** Ends a program that nobody will tell to end. */
  kill(): void {
    if (!this.#exited) this.#process.kill('SIGKILL');
  }

  /** Waits for the program's end; rejects when it failed. */
  async end(): Promise<void> {
    await this.#ended;
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** How every variant of a scenario is started: the flags it needs, its name and rate for the program. */
export function variantChild(
  { id, flags }: Variant,
  { settings, ...options }: ChildOptions & { readonly settings: { readonly rateHz: number; readonly directory: string } },
): ChildOptions {
  return {
    ...options,
    settings: { ...settings, variant: id },
    flags: [...(options.flags ?? []), ...(flags?.(settings.rateHz, settings.directory) ?? [])],
  };
}

/** Starts a program for a conversation, which is to end it. A failed conversation leaves no program behind. */
export async function withChild<T>(options: ChildOptions, converse: (child: Child) => Promise<T>): Promise<T> {
  const child = new Child(options);
  try {
    const result = await converse(child);
    await child.end();
    return result;
  } finally {
    child.kill();
  }
}

/** Runs a program that needs no conversation and returns its `result` message. */
export const runChild = (options: ChildOptions): Promise<Message> => withChild(options, (child) => child.receive('result'));

/** A number the program must have sent. */
export function numberIn(message: Message, key: string): number {
  const value = message[key];
  if (typeof value !== 'number') throw new Error(`the program sent no number '${key}': ${JSON.stringify(message)}`);
  return value;
}

export function numbersIn(message: Message, key: string): number[] {
  const values = message[key];
  if (!Array.isArray(values)) throw new Error(`the program sent no list '${key}': ${JSON.stringify(message)}`);
  return values.map(Number);
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const unwanted = /^(HOTSPAN_|NODE_OPTIONS$|NODE_V8_COVERAGE$|TSX_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !unwanted.test(name)));
}
