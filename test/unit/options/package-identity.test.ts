import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPackageIdentity } from '../../../src/options/package-identity.ts';

describe('findPackageIdentity', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'hotspan-identity-'));
    await mkdir(join(root, 'app/dist/deep'), { recursive: true });
    await writeFile(join(root, 'package.json'), '{"name":"outer"}');
  });
  afterEach(() => rm(root, { recursive: true }));

  it('takes the nearest named package.json, and passes over nameless and broken ones', async () => {
    await writeFile(join(root, 'app/package.json'), '{"name":"shop","version":"1.2.3"}');
    await writeFile(join(root, 'app/dist/package.json'), '{"type":"module"}');
    await writeFile(join(root, 'app/dist/deep/package.json'), '{"name":');
    assert.deepEqual(findPackageIdentity(join(root, 'app/dist/deep')), { name: 'shop', version: '1.2.3' });
  });

  it('does without a version', () => {
    assert.deepEqual(findPackageIdentity(join(root, 'app')), { name: 'outer' });
  });

  it('starts from a directory that is gone', () => {
    assert.deepEqual(findPackageIdentity(join(root, 'gone/too')), { name: 'outer' });
  });
});
