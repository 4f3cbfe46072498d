import type { Environment } from './env-source.ts';

/** Where an option can be given: an environment variable, `start({ … })`, or a flag of `hotspan run`. */
export type Surface = 'env' | 'api' | 'run';

/**
 * An environment variable, or one key inside a variable that holds `key=value` pairs with
 * percent-encoded values (the form of `OTEL_RESOURCE_ATTRIBUTES`).
 */
export type EnvSource = string | { readonly variable: string; readonly key: string };

/** An accepted value of an `enum` or `enum-list`. */
export interface Choice {
  readonly value: string;
  readonly help: string;
}

/** The forms an option's value can have; `option-types.ts` maps each to its TypeScript type. */
export type OptionKind =
  | 'boolean'
  | 'integer'
  | 'number'
  | 'string'
  | 'enum'
  | 'enum-list'
  | 'map'
  | 'export-list'
  | 'address';

/** One row of the option table. Everything said about an option anywhere comes from its row. */
export interface OptionDefinition {
  /** The key in `start({ … })` and in the resolved options. */
  readonly name: string;
  /** First wins. The first is ours (`HOTSPAN_…`), the others are conventions we follow. */
  readonly env: readonly EnvSource[];
  /** The long flag without dashes. Only with the surface `run`. */
  readonly flag?: string;
  readonly kind: OptionKind;
  readonly unit?: 'Hz' | 's' | 'MiB' | 'bytes';
  /** Smallest and largest accepted value, both included. Only for numbers. */
  readonly min?: number;
  readonly max?: number;
  /** Only for `enum` and `enum-list`. */
  readonly choices?: readonly Choice[];
  /** In the text form that the environment variable takes. Without it the option may stay undefined. */
  readonly default?: string;
  /** Finds a value in variables that mean other things too; asked before the default. */
  readonly infer?: {
    readonly value: (env: Environment) => unknown;
    /** For the documentation: what it is inferred from. */
    readonly from: string;
  };
  /** Where the value comes from when no variable gives one and before the default. */
  readonly packageKey?: 'name' | 'version';
  /** One line, no full stop. */
  readonly help: string;
  readonly surfaces: readonly Surface[];
  /** A value that no message shows. */
  readonly secret?: true;
  /** Set between our own processes: neither in help nor in the documentation. */
  readonly internal?: true;
}
