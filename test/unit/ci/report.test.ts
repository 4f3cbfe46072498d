import assert from 'node:assert/strict';
import { findSuspects, judge } from '../../../src/ci/find-regressions.ts';
import { headline, renderAnnotations, renderMarkdown, renderText, reportJson, type ReportFacts } from '../../../src/ci/report.ts';
import { concatRuns, simulateRuns } from './simulated-runs.ts';

const limits = { failOn: 0.05 };

function factsOf(head: Record<string, number>, rename: (name: string) => string = (name) => name): ReportFacts {
  const look = (seed: number) => {
    const costs = simulateRuns({ seed, runs: 10, samples: 100_000, machineNoise: 0.1, functionNoise: 0.01, head });
    return { ...costs, functions: costs.functions.map((fn) => ({ ...fn, place: { ...fn.place, name: rename(fn.place.name) } })) };
  };
  const suspects = findSuspects(look(1), limits);
  return { verdict: judge(concatRuns(look(1), look(2)), 10, suspects, limits), base: 'abc (main)', runs: 20, looks: 2, failOn: 0.05, warnings: ['a <b>'], flame: 'out/flame.html' };
}

describe('report', () => {
  const slower = factsOf({ f5: 1.3, f2: 0.5 });

  it('names the function, its place and its growth first', () => {
    assert.match(headline(slower), /^f5 \(program\.js:52\) is (2[5-9]|3[0-5])\.\d% slower$/);
    assert.match(renderText(slower), /^slower: f5 [^]*\nSlower\n[^]*f5 program\.js:52[^]*\nFaster\n[^]*f2 program\.js:22[^]*flame graph: out\/flame\.html\n$/);
  });

  it('is Markdown that no name can break', () => {
    const odd = factsOf({ f5: 1.3 }, (name) => (name === 'f5' ? '`x|<script>\n' : name));
    const rows = renderMarkdown(odd).split('\n').filter((line) => line.startsWith('|'));
    assert.ok(rows.length > 2);
    for (const row of rows) assert.equal(row.replaceAll('\\|', '').split('|').length, 9, row);
    assert.match(renderMarkdown(odd), /> a &lt;b&gt;/);
  });

  it('annotates the line in GitHub Actions, with what is special there escaped', () => {
    const odd = factsOf({ f5: 1.3 }, (name) => (name === 'f5' ? '100%\n::error::' : name));
    assert.match(renderAnnotations(odd), /^::error file=program\.js,line=52,title=hotspan%3A slower::100%25 ::error:: is [^\n]*\n$/);
    assert.equal(renderAnnotations(factsOf({})), '');
  });

  it('is JSON with all functions', () => {
    const json = JSON.parse(JSON.stringify(reportJson(slower))) as Record<string, { name: string }[]>;
    assert.deepEqual([json['result'], json['regressions']![0]!.name, json['improvements']![0]!.name, json['functions']!.length], ['slower', 'f5', 'f2', 40]);
  });

  it('says so when nothing is slower', () => {
    assert.match(renderText(factsOf({})), /^ok: no function became slower by 5\.0% or more\n/);
  });
});
