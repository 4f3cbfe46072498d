import assert from 'node:assert/strict';
import { SourceList } from '../../../src/labels/source-list.ts';
import type { LabelSource } from '../../../src/labels/labels.ts';

describe('SourceList', () => {
  it('goes on without a source that throws, whatever it was asked, and names it once', () => {
    const failure = (): never => {
      throw new Error('not ready');
    };
    const sources: LabelSource[] = [
      { name: 'one', isActive: failure, collect: failure },
      { name: 'two', isActive: () => true, collect: failure },
      { name: 'three', isActive: () => true, collect: (sink) => sink.add('key', 'value') },
    ];
    const lines: string[] = [];
    const list = new SourceList(sources, (line) => lines.push(line), () => {});
    for (let times = 0; times < 3; times++) {
      assert.equal(list.findActive(), true);
      assert.deepEqual([...list.collect()].slice(0, 2), ['key', 'value']);
    }
    assert.deepEqual(lines.map((line) => line.split(';')[0]), ['one threw: not ready', 'two threw: not ready']);
  });
});
