import { declaredDependencies } from './app-modules.ts';

/** Packages with which an app sets up tracing by itself. */
const tracers = ['dd-trace', '@opentelemetry/sdk-node', '@opentelemetry/sdk-trace-node', '@opentelemetry/sdk-trace-base', 'elastic-apm-node', 'newrelic', '@sentry/node'];

/** Modules that set up tracing when they are preloaded. */
const preloads = /dd-trace|@opentelemetry\/auto-instrumentations-node\/register|newrelic|elastic-apm-node/;

interface Surroundings {
  readonly execArgv: readonly string[];
  readonly nodeOptions: string | undefined;
  readonly directory: string;
}

/**
 * Which tracer this process has or is about to have; undefined when none can be seen. Only one can be the global one,
 * so where the app may bring its own we keep out of its way.
 */
export function existingTracer({ execArgv, nodeOptions = '', directory }: Surroundings): string | undefined {
  if ('_ddtrace' in globalThis) return 'dd-trace';
  const api = (globalThis as Record<symbol, { trace?: unknown } | undefined>)[Symbol.for('opentelemetry.js.api.1')];
  if (api?.trace !== undefined) return 'OpenTelemetry';
  const preloaded = preloads.exec(`${execArgv.join(' ')} ${nodeOptions}`)?.[0];
  if (preloaded !== undefined) return preloaded;
  return declaredDependencies(directory).find((name) => tracers.includes(name));
}
