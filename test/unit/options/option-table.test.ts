import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { OptionDefinition } from '../../../src/options/option-definition.ts';
import { optionTable } from '../../../src/options/option-table.ts';
import { parseText } from '../../../src/options/parse-value.ts';
import { renderOptionsPage } from '../../../src/options/render-options-page.ts';

const rows: readonly OptionDefinition[] = optionTable;

function assertDistinct(names: readonly unknown[]): void {
  assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
}

describe('optionTable', () => {
  it('names no option, variable or flag twice', () => {
    assertDistinct(rows.map(({ name }) => name));
    assertDistinct(rows.map(({ env }) => env[0]));
    assertDistinct(rows.flatMap(({ flag }) => (flag === undefined ? [] : [flag])));
  });

  for (const row of rows) {
    it(`${row.name} is complete`, () => {
      assert.match(row.name, /^[a-z][A-Za-z]*$/);
      assert.match(String(row.env[0]), /^HOTSPAN_[A-Z_]+$/);
      assert.match(row.help, /^[A-Z][^\n]*[^.\n]$/);
      assert.equal(row.surfaces.includes('run'), row.flag !== undefined, 'a flag exactly where run takes it');
      assert.equal(row.kind.startsWith('enum'), row.choices !== undefined, 'choices exactly for enums');
      assert.equal(row.kind === 'integer' || row.kind === 'number', row.min !== undefined && row.max !== undefined);
    });

    if (row.default !== undefined) {
      it(`${row.name} accepts its own default`, () => {
        const { value, complaints } = parseText(row, row.default ?? '');
        assert.notEqual(value, undefined);
        assert.deepEqual(complaints, []);
      });
    }
  }
});

describe('docs/options.md', () => {
  it('is what the table says (else: npm run docs)', async () => {
    const page = await readFile(new URL('../../../docs/options.md', import.meta.url), 'utf8');
    assert.equal(page, renderOptionsPage());
  });

  it('names every documented variable and flag, and nothing internal', () => {
    const page = renderOptionsPage();
    for (const { env, flag, internal } of rows) {
      assert.equal(page.includes(`\`${String(env[0])}\``), !internal, String(env[0]));
      if (flag !== undefined) assert.ok(page.includes(`\`--${flag}\``), flag);
    }
  });
});
