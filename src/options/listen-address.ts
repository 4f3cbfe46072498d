/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/**
 * `HOST:PORT`, `[IPV6]:PORT`, or a port alone, which means 127.0.0.1: other machines get in only when the user names
 * an address they can reach. Undefined for anything else.
 */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, bracketed, plain, port] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([\w.-]*)):)?(\d{1,5})$/.exec(text.trim()) ?? [];
  if (port === undefined || Number(port) > 65_535) return undefined;
  return { host: bracketed ?? (plain || '127.0.0.1'), port: Number(port) };
}

export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
