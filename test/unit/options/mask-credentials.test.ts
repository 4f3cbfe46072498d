import assert from 'node:assert/strict';
import fc from 'fast-check';

import { maskCredentials } from '../../../src/options/mask-credentials.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { uploadAddress } from '../../../src/options/upload-address.ts';

const secret = 's3cret';

describe('maskCredentials', () => {
  const cases: readonly [text: string, masked: string][] = [
    ['http://user:s3cret@host:1/x', 'http://***@host:1/x'],
    ['user:s3cret@host:4318', '***@host:4318'],
    ['"otlp:http://user:s3cret@host","datadog"', '"otlp:http://***@host","datadog"'],
    ['a http://u:s3@cret@h, b grpc://u:s3cret/x@h', 'a http://***@h, b grpc://***@h'],
    ['nothing to hide: http://host:1/x', 'nothing to hide: http://host:1/x'],
  ];
  for (const [text, masked] of cases) it(`makes ${masked} of ${text}`, () => assert.equal(maskCredentials(text), masked));

  it('leaves nothing of a password that a URL can hold, whatever stands around it', () => {
    const word = fc.stringMatching(/^[\w:./@%+-]{0,8}$/);
    fc.assert(fc.property(word, word, fc.constantFrom('http://', 'https://', 'grpc://', ''), (before, after, scheme) => {
      const line = `x ${scheme}user${before}:${secret}${after}@host y`;
      assert.ok(!maskCredentials(line).includes(secret), line);
      assert.ok(maskCredentials(line).endsWith('@host y'));
    }));
  });
});

describe('messages about options', () => {
  const url = `http://user:${secret}@collector:4318`;
  const environments: readonly Record<string, string>[] = [
    { HOTSPAN_EXPORT: `otlp:${url},flie:x` },
    { HOTSPAN_EXPORT: `otlp:grpc://user:${secret}@collector` },
    { HOTSPAN_EXPORT: `otlp:user:${secret}@collector` },
    { HOTSPAN_EXPORT: `pyroscop:${url}` },
    { HOTSPAN_HTTP: url },
    { HOTSPAN_SPOOL_SIZE: url },
    { HOTSPAN_RATE: `${'x'.repeat(60)}//user:${secret}@h` },
  ];
  for (const env of environments) {
    it(`show no credentials: ${Object.keys(env)[0] ?? ''}=${Object.values(env)[0]?.replace(secret, '…') ?? ''}`, () => {
      const { problems } = resolveOptions({ env });
      assert.ok(problems.length > 0);
      assert.ok(!problems.join('\n').includes(secret), problems.join('\n'));
    });
  }

  it('show no credentials of start()', () => {
    const { problems } = resolveOptions({ env: {}, api: { export: `otlp:ws://user:${secret}@h`, httpToken: { secret } as unknown as string } });
    assert.ok(problems.length >= 2 && !problems.join('\n').includes(secret), problems.join('\n'));
  });

  const addresses: readonly (readonly ['datadog' | 'otlp' | 'pyroscope', Record<string, string>])[] = [
    ['otlp', { OTEL_EXPORTER_OTLP_ENDPOINT: `grpc://user:${secret}@h` }],
    ['datadog', { DD_TRACE_AGENT_URL: `ftp://user:${secret}@h` }],
    ['pyroscope', { PYROSCOPE_SERVER_ADDRESS: `ws://user:${secret}@h` }],
  ];
  for (const [kind, env] of addresses) {
    it(`show no credentials of an address that is none: ${kind}`, () => {
      assert.throws(() => uploadAddress({ kind, url: undefined }, env), (error: Error) => !error.message.includes(secret));
    });
  }
});
