import { createRequire, register, syncBuiltinESMExports } from 'node:module';
import { pathToFileURL } from 'node:url';

import type { UploadRequest } from '../delivery/backend.ts';
import { resourceAttributes } from '../delivery/otlp/resource-attributes.ts';
import type { Resource } from '../delivery/resource.ts';
import type { UploadTarget } from '../delivery/targets.ts';
import { AppModules } from './app-modules.ts';
import { createDatadogPropagator, type PropagationApi } from './datadog-propagator.ts';
import { existingTracer } from './existing-tracer.ts';
import { SpanBuffer } from './span-buffer.ts';
import { spanRequestFor } from './span-requests.ts';

export interface TraceOptions {
  /** Where spans may go. Throws for an address that is none. */
  readonly targets: () => readonly UploadTarget[];
  readonly resource: () => Resource;
  readonly send: (request: UploadRequest, what: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the app is looked for. */
  readonly directory: string;
  readonly log: Readonly<Record<'warn' | 'info' | 'debug', (line: string) => void>>;
}

export interface Traces {
  /** Hands over the spans that have ended, at once. */
  flush(): void;
}

/** As much of the packages as is used. They are optional, so their own types are not ours to publish. */
interface Packages {
  readonly api: PropagationApi & {
    readonly trace: { setGlobalTracerProvider(provider: object): boolean };
    readonly context: { setGlobalContextManager(manager: object): boolean };
    readonly propagation: { setGlobalPropagator(propagator: object): boolean };
  };
  readonly sdk: { readonly BasicTracerProvider: new (config: object) => object };
  readonly resources: { resourceFromAttributes(attributes: object): object };
  readonly contextManager: { readonly AsyncLocalStorageContextManager: new () => { enable(): object } };
  readonly core: Record<'CompositePropagator' | 'W3CTraceContextPropagator' | 'W3CBaggagePropagator', new (config?: object) => object>;
  readonly instrumentation: { registerInstrumentations(config: object): unknown };
}

/**
 * Sets up OpenTelemetry from the packages that the app has installed: spans of HTTP and of whatever else has an
 * instrumentation there, sent where the profiles go. Undefined, with at most one line, when there is nothing to do:
 * no backend for spans, the packages are not there, or the app has a tracer of its own. Never throws.
 * REQUIRES: the app's modules are not loaded yet.
 */
export function startTraces(options: TraceOptions): Traces | undefined {
  const { env, directory, log } = options;
  try {
    const requests = options.targets().flatMap((target) => spanRequestFor(target) ?? []);
    if (requests.length === 0) return undefined;
    const tracer = existingTracer({ execArgv: process.execArgv, nodeOptions: env['NODE_OPTIONS'], directory });
    if (tracer !== undefined) {
      log.debug(`the app has a tracer of its own (${tracer}); no other is set up`);
      return undefined;
    }
    const modules = new AppModules(process.argv[1], directory);
    const packages = findPackages(modules);
    if (packages === undefined) {
      log.debug('spans are not recorded: @opentelemetry/auto-instrumentations-node is not installed');
      return undefined;
    }
    const buffer = new SpanBuffer((spans) => {
      const resource = options.resource();
      for (const request of requests) options.send(request(spans, resource), 'spans');
    }, (error) => log.warn(`spans could not be encoded, and are lost: ${messageOf(error)}`));
    setUp(packages, modules, buffer, options);
    return { flush: () => buffer.flush() };
  } catch (error) {
    log.warn(`spans are not recorded: ${messageOf(error)}`);
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

const bundle = '@opentelemetry/auto-instrumentations-node';

/** Most come with the bundle, whose dependencies may not be visible from the app. */
function findPackages(modules: AppModules): Packages | undefined {
  const inBundle = modules.within(bundle);
  const sdkNode = inBundle?.within('@opentelemetry/sdk-node');
  const load = (name: string): unknown => modules.load(name) ?? inBundle?.load(name) ?? sdkNode?.load(name);
  const api = load('@opentelemetry/api') as Packages['api'] | undefined;
  const sdk = load('@opentelemetry/sdk-trace-base') as Packages['sdk'] | undefined;
  const resources = load('@opentelemetry/resources') as Packages['resources'] | undefined;
  const contextManager = load('@opentelemetry/context-async-hooks') as Packages['contextManager'] | undefined;
  const core = load('@opentelemetry/core') as Packages['core'] | undefined;
  const instrumentation = load('@opentelemetry/instrumentation') as Packages['instrumentation'] | undefined;
  if (!api || !sdk || !resources || !contextManager || !core || !instrumentation) return undefined;
  return { api, sdk, resources, contextManager, core, instrumentation };
}

function setUp(packages: Packages, modules: AppModules, buffer: SpanBuffer, { resource, log }: TraceOptions): void {
  const { api, sdk, resources, contextManager, core } = packages;
  const provider = new sdk.BasicTracerProvider({
    resource: resources.resourceFromAttributes(resourceAttributes(resource())),
    spanProcessors: [buffer],
  });
  const propagators = [new core.W3CTraceContextPropagator(), new core.W3CBaggagePropagator(), createDatadogPropagator(api)];
  api.context.setGlobalContextManager(new contextManager.AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new core.CompositePropagator({ propagators }));
  api.trace.setGlobalTracerProvider(provider);
  hookImports(modules);
  const instrumentations = findInstrumentations(modules);
  packages.instrumentation.registerInstrumentations({ instrumentations, tracerProvider: provider });
  // Instrumentations wait for a require; an app of ES modules never makes one for what is built in.
  const require = createRequire(import.meta.url);
  for (const builtin of ['http', 'https']) require(builtin);
  syncBuiltinESMExports();
  log.debug(`recording spans with ${instrumentations.length} instrumentations`);
}

/** ES modules are instrumented by a loader hook, which has to be there before the first of them is loaded. */
function hookImports(modules: AppModules): void {
  const hook = modules.resolve('@opentelemetry/instrumentation/hook.mjs') ?? modules.within(bundle)?.resolve('@opentelemetry/instrumentation/hook.mjs');
  if (hook === undefined) return;
  // Node 26 would warn on the app's stderr (DEP0205); OpenTelemetry's hook has no other way in.
  const { noDeprecation = false } = process;
  process.noDeprecation = true;
  try {
    register(pathToFileURL(hook).href, import.meta.url);
  } finally {
    process.noDeprecation = noDeprecation;
  }
}

/** Single ones that are used when the bundle is not installed. */
const singles: readonly (readonly [name: string, exported: string])[] = [
  ['@opentelemetry/instrumentation-http', 'HttpInstrumentation'],
  ['@opentelemetry/instrumentation-undici', 'UndiciInstrumentation'],
  ['@opentelemetry/instrumentation-express', 'ExpressInstrumentation'],
  ['@opentelemetry/instrumentation-fastify', 'FastifyInstrumentation'],
  ['@opentelemetry/instrumentation-pino', 'PinoInstrumentation'],
  ['@opentelemetry/instrumentation-winston', 'WinstonInstrumentation'],
  ['@opentelemetry/instrumentation-bunyan', 'BunyanInstrumentation'],
];

function findInstrumentations(modules: AppModules): object[] {
  const all = modules.load(bundle) as { getNodeAutoInstrumentations(config: object): object[] } | undefined;
  // Each file read would be a span.
  if (all !== undefined) return all.getNodeAutoInstrumentations({ '@opentelemetry/instrumentation-fs': { enabled: false } });
  return singles.flatMap(([name, exported]) => {
    const Instrumentation = (modules.load(name) as Record<string, new () => object> | undefined)?.[exported];
    return Instrumentation === undefined ? [] : [new Instrumentation()];
  });
}
