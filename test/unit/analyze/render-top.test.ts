import assert from 'node:assert/strict';
import { renderTop } from '../../../src/analyze/render-top.ts';
import { topTable } from '../../../src/analyze/top.ts';
import { buildProfile } from '../profile/sample-profile.ts';

const profile = buildProfile({ types: ['cpu/nanoseconds'], samples: [
  { stack: ['hash@/app/crypto.js', 'main@/app/main.js'], values: [1_500_000_000] },
  { stack: ['(garbage collector)'], values: [500_000_000] },
] });

describe('renderTop', () => {
  it('aligns columns and ends with the place', () => {
    assert.equal(renderTop(topTable(profile)), [
      ' flat   flat%    cum    cum%  function',
      ' 1.5s  75.00%   1.5s  75.00%  hash /app/crypto.js:1',
      '500ms  25.00%  500ms  25.00%  (garbage collector)',
      '    0      0%   1.5s  75.00%  main /app/main.js:1',
      '',
    ].join('\n'));
  });

  it('says how many rows it left out, and when there are none', () => {
    assert.match(renderTop(topTable(profile, { limit: 1 })), /\n… 2 more\n$/);
    assert.equal(renderTop(topTable(buildProfile({ types: ['n/count'], samples: [] }))), 'no samples\n');
  });

  it('colours only when asked, and differs in nothing else', () => {
    const colored = renderTop(topTable(profile), { color: true });
    assert.ok(colored.includes('\u001b['));
    assert.equal(colored.replace(/\u001b\[\d+m/g, ''), renderTop(topTable(profile)));
  });

  it('lets no control character of a name through', () => {
    const evil = buildProfile({ types: ['n/count'], samples: [{ stack: ['a\u001b[2Jb\nc@f\r.js'], values: [1] }] });
    assert.doesNotMatch(renderTop(topTable(evil)).replaceAll('\n', ''), /[\u0000-\u001f]/);
    assert.equal(renderTop(topTable(evil)).split('\n').length, 3);
  });
});
