import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../../bench/main.ts';
import { readReport } from '../../../../bench/report/report.ts';
import { makeReport, makeRow } from './make-report.ts';

describe('bench readReport', () => {
  let directory = '';
  before(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-bench-test-'))));
  after(() => rmSync(directory, { recursive: true }));

  const written = (name: string, content: string): string => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };

  it('reads back what was saved, rounds that failed included', () => {
    const report = makeReport([makeRow({ variant: 'hotspan', values: [1, NaN, 3] })]);
    const read = readReport(written('report.json', JSON.stringify(report)));
    assert.deepEqual(read, report);
  });

  it('refuses other files in one line', () => {
    assert.throws(() => readReport(written('broken.json', '{')), /^Error: .*broken\.json cannot be read as a report: [^\n]*$/);
    assert.throws(() => readReport(written('other.json', '{"rows":[]}')), /other\.json is not a report of this bench$/);
    assert.throws(() => readReport(join(directory, 'none.json')), /none\.json cannot be read as a report: ENOENT[^\n]*$/);
  });

  it('is an error of use on the command line', async () => {
    const write = process.stderr.write.bind(process.stderr);
    let said = '';
    process.stderr.write = (text) => {
      said += String(text);
      return true;
    };
    try {
      assert.equal(await main(['--from', join(directory, 'none.json')]), 2);
      assert.equal(await main(['--compare', written('broken.json', '{'), 'x']), 2);
      assert.equal(await main(['--unknown']), 2);
    } finally {
      process.stderr.write = write;
    }
    assert.equal(said.trim().split('\n').length, 3, said);
  });
});
