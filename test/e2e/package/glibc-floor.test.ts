import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const prebuilds = join(root, 'prebuilds/linux-x64');

describe('prebuilt addons', () => {
  const addons = readdirSync(prebuilds).filter((name) => name.endsWith('.node'));

  it('are there', () => assert.notEqual(addons.length, 0));

  for (const addon of addons) {
    // Needed versions stand by name in the table of dynamic strings; the addon itself defines none.
    const text = readFileSync(join(prebuilds, addon), 'latin1');

    it(`${addon} needs no newer glibc than docs/installing.md says`, () => {
      const [, floor = ''] = /glibc (2\.\d+) or later/.exec(readFileSync(join(root, 'docs/installing.md'), 'utf8')) ?? [];
      const needed = new Set([...text.matchAll(/\0GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor)));
      assert.ok(needed.size > 3);
      const above = [...needed].filter((minor) => minor > Number(floor.slice(2))).map((minor) => `GLIBC_2.${minor}`);
      assert.deepEqual(above, [], 'objdump -T names the functions; give them a place in native/platform/glibc_floor_linux.cc');
    });

    it(`${addon} brings its own C++ library`, () => {
      assert.doesNotMatch(text, /\0libstdc\+\+\.so|\0GLIBCXX_|\0CXXABI_/);
      // Of libgcc Node needs the same.
      assert.deepEqual([...new Set(text.match(/(?<=\0)lib\w+\.so[.\d]*(?=\0)/g))].filter((name) => !/^lib(c|m|gcc_s|dl|pthread)\.so/.test(name)), []);
    });
  }
});
