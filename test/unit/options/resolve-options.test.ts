import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { OptionDefinition } from '../../../src/options/option-definition.ts';
import { optionTable } from '../../../src/options/option-table.ts';
import type { Options, ResolvedOptions } from '../../../src/options/option-types.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';

const rows: readonly OptionDefinition[] = optionTable;

const defaults: ResolvedOptions = {
  enabled: true,
  profiles: ['cpu'],
  rate: 99,
  heapInterval: 524_288,
  period: 60,
  export: [{ kind: 'file', directory: './profiles' }],
  nativeFrames: 'leaf',
  engine: 'auto',
  labels: {},
  service: 'unknown_service:node',
  env: undefined,
  version: undefined,
  log: 'warn',
  spool: undefined,
  spoolSize: 64,
  exitGrace: 2,
  http: undefined,
  httpToken: undefined,
  traces: 'auto',
  runDirectory: undefined,
};

/** As a JavaScript caller, who has no types to stop him. */
function untyped(api: unknown): Options {
  return api as Options;
}

describe('resolveOptions', () => {
  it('gives every default in an empty environment', () => {
    assert.deepEqual(resolveOptions({ env: {} }), { options: defaults, problems: [] });
  });

  it('takes an empty variable as unset', () => {
    const env = Object.fromEntries(rows.flatMap((row) => row.env.map((source) => [source, ''])));
    assert.deepEqual(resolveOptions({ env }), { options: defaults, problems: [] });
  });

  it('prefers start() to the environment, and the environment to the default', () => {
    const env = { HOTSPAN_RATE: '200', HOTSPAN_LOG: 'debug' };
    const { options, problems } = resolveOptions({ env, api: { rate: 500, engine: undefined } });
    assert.deepEqual([options.rate, options.log, options.engine], [500, 'debug', 'auto']);
    assert.deepEqual(problems, []);
  });

  it('names the variable, the value and what is accepted, and uses the default', () => {
    const { options, problems } = resolveOptions({ env: { HOTSPAN_RATE: 'abc' } });
    assert.equal(options.rate, 99);
    assert.deepEqual(problems, ['HOTSPAN_RATE="abc": expected an integer from 1 to 10000 (Hz); using 99']);
  });

  it('names the key of start() likewise, and does not fall back to the environment', () => {
    const { options, problems } = resolveOptions({ env: { HOTSPAN_RATE: '7' }, api: untyped({ rate: '500' }) });
    assert.equal(options.rate, 99);
    assert.deepEqual(problems, ['option rate="500": expected an integer from 1 to 10000 (Hz); using 99']);
  });

  it('hints at the name meant by an unknown variable or key, never at an internal one', () => {
    const env = { HOTSPAN_RATES: '5', HOTSPAN_RUN_DIRS: '/x', HOTSPAN_QUUX: '1', HOTSPAN_TEST_NODES: 'a', HOTSPANNER: '1' };
    const { problems } = resolveOptions({ env, api: untyped({ perod: 5, enabled: false }) });
    assert.equal(problems.length, 5);
    const all = problems.join('\n');
    assert.match(all, /^HOTSPAN_RATES is not an option \(did you mean HOTSPAN_RATE\?\); ignored$/m);
    assert.match(all, /^HOTSPAN_QUUX is not an option \(see docs\/options\.md\); ignored$/m);
    assert.match(all, /^HOTSPAN_RUN_DIRS is not an option/m);
    assert.doesNotMatch(all, /mean HOTSPAN_RUN_DIR\?/);
    assert.match(all, /^option perod is not known \(did you mean period\?\); ignored$/m);
    assert.match(all, /^option enabled is not known/m);
  });

  it('is turned off by HOTSPAN_ENABLED alone', () => {
    for (const value of ['false', '0', 'off']) {
      assert.equal(resolveOptions({ env: { HOTSPAN_ENABLED: value } }).options.enabled, false, value);
    }
    const others = { OTEL_SDK_DISABLED: 'true', DD_PROFILING_ENABLED: 'false' };
    assert.equal(resolveOptions({ env: others }).options.enabled, true);
  });

  it('finds service, environment and version in the order of the table', () => {
    const layers: { env: Record<string, string>; expected: readonly (string | undefined)[] }[] = [
      { env: {}, expected: ['pkg', undefined, '0.0.1'] },
      { env: { DD_SERVICE: 'dd', DD_ENV: 'dd-env', DD_VERSION: '1' }, expected: ['dd', 'dd-env', '1'] },
      {
        env: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=a%20b%2Cc,service.version=2,deployment.environment=old' },
        expected: ['a b,c', 'old', '2'],
      },
      {
        env: { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=old,deployment.environment.name=new' },
        expected: ['a b,c', 'new', '2'],
      },
      { env: { OTEL_SERVICE_NAME: 'otel' }, expected: ['otel', 'new', '2'] },
      { env: { HOTSPAN_SERVICE: 'own', HOTSPAN_ENV: 'own-env', HOTSPAN_VERSION: '3' }, expected: ['own', 'own-env', '3'] },
    ];
    // Each layer is added to those before it, as on a machine where several tools are set up.
    let env: Record<string, string> = {};
    for (const layer of layers) {
      const previous = env['OTEL_RESOURCE_ATTRIBUTES'];
      env = { ...env, ...layer.env };
      const attributes = [previous, layer.env['OTEL_RESOURCE_ATTRIBUTES']].filter(Boolean).join(',');
      if (attributes !== '') env['OTEL_RESOURCE_ATTRIBUTES'] = attributes;
      const { options, problems } = resolveOptions({ env, packageJson: () => ({ name: 'pkg', version: '0.0.1' }) });
      assert.deepEqual([options.service, options.env, options.version], layer.expected);
      assert.deepEqual(problems, []);
    }
  });

  it('looks for package.json once, when a value from it is read', () => {
    let asked = 0;
    const packageJson = (): { name: string } => ({ name: `pkg ${++asked}` });
    const { options } = resolveOptions({ env: { HOTSPAN_RUN_DIR: '/tmp/run' }, packageJson });
    assert.equal(asked, 0);
    assert.deepEqual([options.service, options.version, options.service, asked], ['pkg 1', undefined, 'pkg 1', 1]);
  });

  it('keeps attributes that are not valid percent-encoding as they stand', () => {
    const { options } = resolveOptions({ env: { OTEL_RESOURCE_ATTRIBUTES: 'junk,service.name=100%' } });
    assert.equal(options.service, '100%');
  });

  it('gives the run directory the last word on place and period', () => {
    const env = { HOTSPAN_RUN_DIR: '/tmp/a,b', HOTSPAN_PERIOD: '10' };
    const { options, problems } = resolveOptions({ env, api: { period: 5, export: 'file:/elsewhere' } });
    assert.equal(options.period, 0);
    assert.deepEqual(options.export, [{ kind: 'file', directory: '/tmp/a,b' }]);
    assert.deepEqual(problems, []);
  });

  it('never throws, and keeps each problem on one short line, whatever it is given', () => {
    const names = rows.flatMap(({ name }) => name);
    const variables = [...rows.map(({ env }) => String(env[0])), 'HOTSPAN_\nX', 'OTEL_RESOURCE_ATTRIBUTES'];
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const value = fc.oneof(fc.anything({ withBigInt: true, withNullPrototype: true }), fc.constant(cycle));
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...variables), fc.string({ unit: 'binary', maxLength: 300 })),
        fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value),
        (env, api) => {
          const { options, problems } = resolveOptions({ env, api: untyped(api) });
          assert.ok(options.rate >= 1 && options.rate <= 10_000);
          assert.ok(options.export.length > 0 && options.profiles.length > 0);
          for (const problem of problems) assert.doesNotMatch(problem, /[\r\n]/);
        },
      ),
    );
  });

  it('types start() by the table', () => {
    const good: Options = { rate: 99, profiles: ['cpu', 'heap'], engine: 'native', labels: { a: 'b' }, export: 'file:x' };
    assert.deepEqual(resolveOptions({ env: {}, api: good }).problems, []);
    const inspector: Options = { engine: 'inspector' };
    assert.deepEqual(resolveOptions({ env: {}, api: inspector }).problems, []);
    // @ts-expect-error numbers are numbers
    const text: Options = { rate: '99' };
    // @ts-expect-error not on the surface api
    const enabled: Options = { enabled: false };
    assert.equal([text, enabled].every((api) => resolveOptions({ env: {}, api }).problems.length === 1), true);
  });
});
