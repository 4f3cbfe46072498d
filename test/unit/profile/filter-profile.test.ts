import assert from 'node:assert/strict';
import { filterProfile, type ProfileFilter } from '../../../src/profile/filter-profile.ts';
import { checkValid } from '../../../src/profile/check-valid.ts';
import { buildProfile } from './sample-profile.ts';

const profile = buildProfile({ types: ['n/count'], samples: [
  { stack: ['parse@/app/json.js', 'main@/app/main.js'], values: [1], labels: { thread: 'main', endpoint: '/a' } },
  { stack: ['hash@/app/crypto.js', 'main@/app/main.js'], values: [2], labels: { thread: 'main', endpoint: '/b' } },
  { stack: ['hash@/app/crypto.js', 'work@/app/worker.js'], values: [4], labels: { thread: 'worker-1' } },
] });

function kept(filter: ProfileFilter): number[] {
  const filtered = filterProfile(profile, filter);
  assert.deepEqual(checkValid(filtered), []);
  return filtered.sample.map((sample) => Number(sample.value[0]));
}

describe('filterProfile', () => {
  it('keeps all without a filter', () => assert.deepEqual(kept({}), [1, 2, 4]));
  it('focuses on a function of any frame', () => assert.deepEqual(kept({ focus: /^main$/ }), [1, 2]));
  it('focuses on a file', () => assert.deepEqual(kept({ focus: /worker\.js/ }), [4]));
  it('is not confused by a global expression', () => assert.deepEqual(kept({ focus: /hash/g }), [2, 4]));
  it('selects by label', () => assert.deepEqual(kept({ labels: [{ key: 'thread', value: 'main' }] }), [1, 2]));
  it('takes any of several values of a key', () => {
    assert.deepEqual(kept({ labels: [{ key: 'endpoint', value: '/a' }, { key: 'endpoint', value: '/b' }] }), [1, 2]);
  });
  it('wants all of several keys', () => {
    assert.deepEqual(kept({ labels: [{ key: 'thread', value: 'main' }, { key: 'endpoint', value: '/b' }] }), [2]);
  });
  it('joins focus and labels', () => {
    assert.deepEqual(kept({ focus: /hash/, labels: [{ key: 'thread', value: 'main' }] }), [2]);
  });
});
