import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { OptionDefinition } from '../../../src/options/option-definition.ts';
import { checkValue, formatValue, parseText, splitList } from '../../../src/options/parse-value.ts';
import { optionNamed } from '../../../src/options/resolve-options.ts';

const integer = optionNamed('rate');
const period = optionNamed('period');
const profiles = optionNamed('profiles');
const labels = optionNamed('labels');
const exporters = optionNamed('export');
const engine = optionNamed('engine');
const enabled = optionNamed('enabled');

function accepts(option: OptionDefinition, text: string, value: unknown): void {
  assert.deepEqual(parseText(option, text), { value, complaints: [] }, text);
}

function refuses(option: OptionDefinition, text: string, complaint: RegExp): void {
  const outcome = parseText(option, text);
  assert.equal(outcome.value, undefined, text);
  assert.equal(outcome.complaints.length, 1, text);
  assert.match(outcome.complaints[0] ?? '', complaint);
}

describe('parseText', () => {
  it('takes booleans in the usual words, in any case', () => {
    for (const word of ['true', '1', 'yes', 'on', 'TRUE', 'Yes', ' on ']) accepts(enabled, word, true);
    for (const word of ['false', '0', 'no', 'off', 'False', 'OFF']) accepts(enabled, word, false);
    for (const word of ['2', 'y', 'enabled', 'truee']) refuses(enabled, word, /^expected true or false$/);
  });

  it('takes integers within their range, both ends included', () => {
    accepts(integer, '1', 1);
    accepts(integer, ' 99 ', 99);
    accepts(integer, '10000', 10_000);
    for (const text of ['0', '10001', '-5', '99.5', 'abc', '99Hz', 'NaN', 'Infinity', '1e9', ' ']) {
      refuses(integer, text, /^expected an integer from 1 to 10000 \(Hz\)$/);
    }
  });

  it('takes fractions where the option is a number', () => {
    accepts(period, '0', 0);
    accepts(period, '0.5', 0.5);
    refuses(period, '-1', /^expected a number from 0 to 86400 \(s\)$/);
    refuses(period, '86400.1', /^expected a number/);
  });

  it('takes one of the choices', () => {
    accepts(engine, 'native', 'native');
    accepts(engine, 'Native', 'native');
    refuses(engine, 'v8', /^expected one of auto, native, inspector$/);
  });

  it('takes a list of choices, each once, and keeps the rest of it when one is wrong', () => {
    accepts(profiles, 'heap', ['heap']);
    const some = parseText(profiles, 'heap,cpu,gpu,cpu');
    assert.deepEqual(some, { value: ['heap', 'cpu'], complaints: ['expected a list of cpu, heap'] });
    refuses(profiles, ',', /at least one/);
  });

  it('takes key=value pairs; values may hold = and escaped commas', () => {
    accepts(labels, 'team=payments, region = eu-1 ,empty=', { team: 'payments', region: 'eu-1', empty: '' });
    accepts(labels, 'expr=a=b,list=x\\,y', { expr: 'a=b', list: 'x,y' });
    const mixed = parseText(labels, 'a=1,oops,=2');
    assert.deepEqual(mixed.value, { a: '1' });
    assert.equal(mixed.complaints.length, 2);
    assert.match(mixed.complaints[0] ?? '', /got "oops"/);
  });

  it('takes file exports, with colons and commas in the directory', () => {
    accepts(exporters, 'file:./profiles', [{ kind: 'file', directory: './profiles' }]);
    accepts(exporters, 'file:C:\\profiles', [{ kind: 'file', directory: 'C:\\profiles' }]);
    accepts(exporters, 'file:/a\\,b,file:/c', [
      { kind: 'file', directory: '/a,b' },
      { kind: 'file', directory: '/c' },
    ]);
    for (const text of ['file:', 'file']) refuses(exporters, text, /^expected file:DIR with a directory$/);
    refuses(exporters, 's3:bucket', /^expected file:DIR, datadog\[:URL\], .*, got "s3:bucket"$/);
  });

  it('parses backends, with and without a URL', () => {
    for (const kind of ['datadog', 'otlp', 'pyroscope']) {
      accepts(exporters, kind, [{ kind, url: undefined }]);
      accepts(exporters, `${kind}:http://localhost:8126`, [{ kind, url: 'http://localhost:8126' }]);
      refuses(exporters, `${kind}:localhost`, /URL that starts with http:\/\/(,| or) https:\/\//);
    }
    accepts(exporters, 'datadog:unix:///var/run/a.socket', [{ kind: 'datadog', url: 'unix:///var/run/a.socket' }]);
    refuses(exporters, 'otlp:unix:///var/run/a.socket', /URL that starts with http:\/\/ or https:\/\//);
  });

  it('parses addresses to listen on', () => {
    const http = optionNamed('http');
    accepts(http, '6060', { host: '127.0.0.1', port: 6060 });
    accepts(http, ':6060', { host: '127.0.0.1', port: 6060 });
    accepts(http, '0.0.0.0:0', { host: '0.0.0.0', port: 0 });
    accepts(http, '[::1]:6060', { host: '::1', port: 6060 });
    for (const text of ['', 'localhost', 'a:b', '1.2.3.4:70000', 'http://x:1']) refuses(http, text, /^expected HOST:PORT, or a port of 127\.0\.0\.1$/);
  });
});

describe('checkValue', () => {
  it('accepts the right type and refuses every other', () => {
    const right: readonly [OptionDefinition, unknown][] = [
      [enabled, false], [integer, 99], [period, 0.5], [engine, 'auto'], [profiles, ['cpu']],
      [labels, { team: 'payments' }], [optionNamed('service'), 'shop'],
    ];
    for (const [option, value] of right) {
      assert.deepEqual(checkValue(option, value), { value, complaints: [] }, option.name);
      const others = [null, Symbol('x'), 10n, () => 1, [1], { a: 1 }, NaN, new Date(0)];
      for (const wrong of others) assert.equal(checkValue(option, wrong).value, undefined, option.name);
    }
    assert.equal(checkValue(integer, '99').value, undefined);
  });

  it('takes exports as one text or as a list', () => {
    const value = [{ kind: 'file', directory: 'a' }, { kind: 'file', directory: 'b' }];
    assert.deepEqual(checkValue(exporters, 'file:a,file:b').value, value);
    assert.deepEqual(checkValue(exporters, ['file:a', 'file:b']).value, value);
    assert.equal(checkValue(exporters, [1]).value, undefined);
  });
});

describe('formatValue', () => {
  it('is undone by parseText for every map', () => {
    // No backslash before a comma or the end, and no outer spaces: the text form has no way to say those.
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '=', ',', ':', ' ', 'é') }).map((raw) => raw.trim());
    const key = text.filter((raw) => raw !== '' && !raw.includes('=') && !raw.includes(','));
    fc.assert(
      fc.property(fc.dictionary(key, text, { noNullPrototype: true }), (map) => {
        assert.deepEqual(parseText(labels, formatValue(labels, map)), { value: map, complaints: [] });
      }),
    );
  });

  it('is undone by parseText for every list of directories', () => {
    const directory = fc.string({ unit: fc.constantFrom('a', '/', ',', ' ', ':'), minLength: 1 }).map((raw) => `/${raw.trim()}`);
    fc.assert(
      fc.property(fc.uniqueArray(directory, { minLength: 1 }), (directories) => {
        const value = directories.map((each) => ({ kind: 'file', directory: each }));
        assert.deepEqual(parseText(exporters, formatValue(exporters, value)), { value, complaints: [] });
      }),
    );
  });
});

describe('splitList', () => {
  it('drops empty entries and spaces around entries', () => {
    assert.deepEqual(splitList(' a, ,b ,,c'), ['a', 'b', 'c']);
    assert.deepEqual(splitList(''), []);
  });
});
