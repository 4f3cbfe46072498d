import { existsSync } from 'node:fs';

import { type Environment, readPairs } from './env-source.ts';
import { maskCredentials } from './mask-credentials.ts';
import type { UploadKind } from './export-target.ts';

/** Where and how to reach a backend. */
export interface UploadAddress {
  readonly kind: UploadKind;
  /** Complete, with the path of the API; `unix:` for a socket. Without credentials. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the Datadog Agent makes when it is installed on the host. */
const datadogSocket = '/var/run/datadog/apm.socket';

/**
 * Completes an export target by the variables that users of the backend know. A URL in the target wins over them.
 * @throws TypeError when a variable holds what is no URL
 */
export function uploadAddress(target: { readonly kind: UploadKind; readonly url: string | undefined }, env: Environment): UploadAddress {
  const { kind } = target;
  const found = {
    datadog: () => datadogAddress(target.url, env),
    otlp: () => otlpAddress(target.url, env),
    pyroscope: () => pyroscopeAddress(target.url, env),
  }[kind]();
  // `collector:4318` parses as a URL, too.
  const schemes = kind === 'datadog' ? ['http:', 'https:', 'unix:'] : ['http:', 'https:'];
  if (!schemes.includes(found.url.protocol)) throw new TypeError(`${maskCredentials(found.url.href)} does not start with http:// or https://`);
  return { kind, ...withoutCredentials(found) };
}

const tracesPath = '/v1/traces';

/**
 * Where the spans of an OTLP target go, by OpenTelemetry's variables for traces: their endpoint with their own headers
 * and the common ones. Headers of the profiles go to the origin of the profiles alone, credentials of a URL to the host
 * that they stand before.
 * @throws TypeError when a variable holds what is no address
 */
export function spanAddress(target: { readonly kind: UploadKind; readonly url: string | undefined }, env: Environment): UploadAddress {
  const profiles = uploadAddress(target, env);
  if (target.kind !== 'otlp') return profiles;
  const headers = { ...readPairs('OTEL_EXPORTER_OTLP_HEADERS', env), ...readPairs('OTEL_EXPORTER_OTLP_TRACES_HEADERS', env) };
  const stated = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']?.trim();
  if (stated) {
    if (!/^https?:\/\//i.test(stated) || !URL.canParse(stated)) throw new TypeError('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no address: write it as http://HOST:PORT/v1/traces');
    return { kind: 'otlp', ...withoutCredentials({ url: new URL(stated), headers }) };
  }
  // Beside the profiles, on the same host: what it asks for with them it asks for with spans.
  const url = profiles.url.endsWith(profilesPath) ? profiles.url.slice(0, -profilesPath.length) + tracesPath : profiles.url;
  return { kind: 'otlp', url, headers: { ...profiles.headers, ...headers } };
}

interface Found { readonly url: URL; readonly headers: Readonly<Record<string, string>> }

function datadogAddress(given: string | undefined, env: Environment): Found {
  const url = new URL(given ?? datadogUrl(env));
  if (url.protocol === 'unix:') return { url, headers: {} };
  const isIntake = url.hostname.startsWith('intake.profile.') || url.pathname.endsWith('/api/v2/profile');
  if (isIntake) return { url: withPath(url, '/api/v2/profile'), headers: { 'DD-API-KEY': env['DD_API_KEY']?.trim() ?? '' } };
  return { url: withPath(url, '/profiling/v1/input'), headers: {} };
}

/** The Agent, found as Datadog's tracers find it; without one, but with a key, the intake. */
function datadogUrl(env: Environment): string {
  const set = (name: string): string | undefined => env[name]?.trim() || undefined;
  const agent = set('DD_TRACE_AGENT_URL');
  if (agent !== undefined) return agent;
  const host = set('DD_AGENT_HOST');
  const port = set('DD_TRACE_AGENT_PORT');
  if (host !== undefined || port !== undefined) return `http://${hostInUrl(host ?? '127.0.0.1')}:${port ?? 8126}`;
  if (set('DD_API_KEY') !== undefined) return `https://intake.profile.${set('DD_SITE') ?? 'datadoghq.com'}`;
  return existsSync(datadogSocket) ? `unix://${datadogSocket}` : 'http://127.0.0.1:8126';
}

const profilesPath = '/v1development/profiles';

function otlpAddress(given: string | undefined, env: Environment): Found {
  const headers = { ...readPairs('OTEL_EXPORTER_OTLP_HEADERS', env), ...readPairs('OTEL_EXPORTER_OTLP_PROFILES_HEADERS', env) };
  // By the specification the signal's own variable is the whole address, the common one is a base.
  const own = given === undefined ? env['OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT']?.trim() : undefined;
  if (own) return { url: new URL(own), headers };
  const base = new URL(given ?? (env['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim() || 'http://localhost:4318'));
  return { url: withPath(base, profilesPath), headers };
}

function pyroscopeAddress(given: string | undefined, env: Environment): Found {
  const set = (name: string): string | undefined => env[name]?.trim() || undefined;
  const [user, password, token, tenant] = [
    set('PYROSCOPE_BASIC_AUTH_USER'),
    set('PYROSCOPE_BASIC_AUTH_PASSWORD'),
    set('PYROSCOPE_AUTH_TOKEN'),
    set('PYROSCOPE_TENANT_ID'),
  ];
  const url = new URL(given ?? set('PYROSCOPE_SERVER_ADDRESS') ?? 'http://localhost:4040');
  const headers = {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(user === undefined ? {} : { Authorization: basic(user, password ?? '') }),
    ...(tenant === undefined ? {} : { 'X-Scope-OrgID': tenant }),
  };
  return { url: withPath(url, '/push.v1.PusherService/Push'), headers };
}

/** Appends the path of the API unless it is there. */
function withPath(base: URL, path: string): URL {
  const url = new URL(base);
  if (!url.pathname.endsWith(path)) url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  return url;
}

/** Credentials in a URL become a header: URLs are shown and are part of names on disk. */
function withoutCredentials({ url, headers }: Found): { url: string; headers: Readonly<Record<string, string>> } {
  if (url.username === '' && url.password === '') return { url: url.href, headers };
  const bare = new URL(url);
  bare.username = bare.password = '';
  return { url: bare.href, headers: { Authorization: basic(decodeURIComponent(url.username), decodeURIComponent(url.password)), ...headers } };
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function hostInUrl(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
