import type { ExportTarget } from './export-target.ts';
import type { ListenAddress } from './listen-address.ts';
import type { optionTable } from './option-table.ts';

type Row = (typeof optionTable)[number];

type ChoiceOf<R> = R extends { readonly choices: readonly { readonly value: infer V extends string }[] } ? V : never;

interface ResolvedKinds<R> {
  boolean: boolean;
  integer: number;
  number: number;
  string: string;
  enum: ChoiceOf<R>;
  'enum-list': readonly ChoiceOf<R>[];
  map: Readonly<Record<string, string>>;
  'export-list': readonly ExportTarget[];
  address: ListenAddress;
}

interface InputKinds<R> extends Omit<ResolvedKinds<R>, 'export-list' | 'address'> {
  /** As in `HOTSPAN_HTTP`: `HOST:PORT`, or the port alone for 127.0.0.1. */
  address: string | number;
  /** As in `HOTSPAN_EXPORT`, or one entry of it each. */
  'export-list': string | readonly string[];
}

/** A map without entries stands for "not given", so a map is never undefined. */
type MaybeUndefined<R> = R extends { readonly default: string } | { readonly kind: 'map' } ? never : undefined;

type ApiRow<R = Row> = R extends { readonly surfaces: readonly (infer S)[] } ? ('api' extends S ? R : never) : never;

/**
 * What `start()` takes. Every key is optional and wins over the environment.
 * Units, ranges and defaults are listed in docs/options.md.
 */
export type Options = {
  readonly [R in ApiRow as R['name']]?: InputKinds<R>[R['kind']] | undefined;
};

/** Every option with its value settled; undefined only where the table gives no default. */
export type ResolvedOptions = {
  readonly [R in Row as R['name']]: ResolvedKinds<R>[R['kind']] | MaybeUndefined<R>;
};
