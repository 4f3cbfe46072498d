import assert from 'node:assert/strict';
import { statedAttributes } from '../../../src/options/env-source.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { spanAddress, uploadAddress } from '../../../src/options/upload-address.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('uploadAddress', () => {
  const cases: readonly [kind: 'datadog' | 'otlp' | 'pyroscope', url: string | undefined, env: Record<string, string>, expected: string, headers?: Record<string, string>][] = [
    ['datadog', undefined, { DD_TRACE_AGENT_URL: 'http://agent:8126' }, 'http://agent:8126/profiling/v1/input'],
    ['datadog', undefined, { DD_TRACE_AGENT_URL: 'unix:///run/dd.socket' }, 'unix:///run/dd.socket'],
    ['datadog', undefined, { DD_AGENT_HOST: 'agent', DD_TRACE_AGENT_PORT: '8200', DD_API_KEY: 'k' }, 'http://agent:8200/profiling/v1/input'],
    ['datadog', undefined, { DD_AGENT_HOST: '::1' }, 'http://[::1]:8126/profiling/v1/input'],
    ['datadog', undefined, { DD_API_KEY: 'k', DD_SITE: 'datadoghq.eu' }, 'https://intake.profile.datadoghq.eu/api/v2/profile', { 'DD-API-KEY': 'k' }],
    ['datadog', 'http://127.0.0.1:9/api/v2/profile', { DD_API_KEY: 'k' }, 'http://127.0.0.1:9/api/v2/profile', { 'DD-API-KEY': 'k' }],
    ['datadog', 'http://127.0.0.1:9', { DD_API_KEY: 'k', DD_AGENT_HOST: 'other' }, 'http://127.0.0.1:9/profiling/v1/input'],
    ['otlp', undefined, {}, 'http://localhost:4318/v1development/profiles'],
    ['otlp', undefined, { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c/base/' }, 'https://c/base/v1development/profiles'],
    ['otlp', undefined, { OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT: 'https://c/own', OTEL_EXPORTER_OTLP_ENDPOINT: 'https://d' }, 'https://c/own'],
    ['otlp', 'http://c:4318', { OTEL_EXPORTER_OTLP_HEADERS: 'a=b%20c,d=e', OTEL_EXPORTER_OTLP_PROFILES_HEADERS: 'd=f' }, 'http://c:4318/v1development/profiles', { a: 'b c', d: 'f' }],
    ['pyroscope', undefined, { PYROSCOPE_SERVER_ADDRESS: 'https://p/x', PYROSCOPE_BASIC_AUTH_USER: 'u', PYROSCOPE_BASIC_AUTH_PASSWORD: 'p', PYROSCOPE_TENANT_ID: 't' }, 'https://p/x/push.v1.PusherService/Push', { Authorization: basic('u:p'), 'X-Scope-OrgID': 't' }],
    ['pyroscope', 'https://u:p%40@p:1', {}, 'https://p:1/push.v1.PusherService/Push', { Authorization: basic('u:p@') }],
    ['pyroscope', 'https://p', { PYROSCOPE_AUTH_TOKEN: 'tok' }, 'https://p/push.v1.PusherService/Push', { Authorization: 'Bearer tok' }],
  ];
  for (const [kind, url, env, expected, headers = {}] of cases) {
    it(`${kind} ${url ?? ''} with ${Object.keys(env).join(', ') || 'nothing'} is ${expected}`, () => {
      assert.deepEqual(uploadAddress({ kind, url }, env), { kind, url: expected, headers });
    });
  }

  it('throws for a variable that holds no URL', () => {
    assert.throws(() => uploadAddress({ kind: 'otlp', url: undefined }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318x/' }), TypeError);
  });
});

describe('spanAddress', () => {
  const common = { OTEL_EXPORTER_OTLP_HEADERS: 'tenant=t', OTEL_EXPORTER_OTLP_PROFILES_HEADERS: 'key=profiles', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'key=traces' };

  it('sends to the endpoint of traces its own headers and the common ones, nothing of the profiles', () => {
    const env = { ...common, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces/v1/traces' };
    for (const url of [undefined, 'https://user:secret@profiles:4318']) {
      assert.deepEqual(spanAddress({ kind: 'otlp', url }, env), { kind: 'otlp', url: 'https://traces/v1/traces', headers: { tenant: 't', key: 'traces' } });
    }
  });

  it('keeps the credentials in the URL of the traces for the traces', () => {
    const { url, headers } = spanAddress({ kind: 'otlp', url: 'https://user:secret@profiles' }, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://a:b@traces/x' });
    assert.deepEqual([url, headers], ['https://traces/x', { Authorization: basic('a:b') }]);
  });

  it('sends spans beside the profiles with what that host asks for', () => {
    const { url, headers } = spanAddress({ kind: 'otlp', url: 'https://user:secret@c:4318' }, common);
    assert.deepEqual([url, headers], ['https://c:4318/v1/traces', { Authorization: basic('user:secret'), tenant: 't', key: 'traces' }]);
  });

  it('throws for what is no address, and does not show it', () => {
    for (const stated of ['10.0.0.1:4318', '//c:4318/v1/traces', 'c', 'grpc://u:secret@c']) {
      assert.throws(() => spanAddress({ kind: 'otlp', url: undefined }, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: stated }), /^TypeError: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no address: write it as http:/);
    }
  });
});

describe('inferred exports', () => {
  const exportsOf = (env: Record<string, string>): unknown => resolveOptions({ env }).options.export;

  it('are every backend that the environment points to', () => {
    assert.deepEqual(exportsOf({ DD_AGENT_HOST: 'a', PYROSCOPE_SERVER_ADDRESS: 'http://p' }), [
      { kind: 'datadog', url: undefined },
      { kind: 'pyroscope', url: undefined },
    ]);
    assert.deepEqual(exportsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' }), [{ kind: 'otlp', url: undefined }]);
  });

  it('are none when the environment only describes the service, or says itself where to', () => {
    const file = [{ kind: 'file', directory: './profiles' }];
    assert.deepEqual(exportsOf({ DD_SERVICE: 'a', DD_ENV: 'b', OTEL_SERVICE_NAME: 'c', DD_AGENT_HOST: ' ' }), file);
    assert.deepEqual(exportsOf({ DD_AGENT_HOST: 'a', HOTSPAN_EXPORT: 'file:./profiles' }), file);
  });
});

describe('statedAttributes', () => {
  it('reads both conventions', () => {
    assert.deepEqual(statedAttributes({ DD_TAGS: 'team:a b,url:http://x', OTEL_RESOURCE_ATTRIBUTES: 'k8s.pod.name=p,x=a%2Cb' }), { team: 'a b', url: 'http://x', 'k8s.pod.name': 'p', x: 'a,b' });
    assert.deepEqual(statedAttributes({ DD_TAGS: 'a:b c:d' }), { a: 'b', c: 'd' });
    assert.deepEqual(statedAttributes({}), {});
  });
});
