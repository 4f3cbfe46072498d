import assert from 'node:assert/strict';
import fc from 'fast-check';
import { closestMatch, editDistance } from '../../../src/options/closest-match.ts';

describe('closestMatch', () => {
  const names = ['HOTSPAN_RATE', 'HOTSPAN_LABELS', 'HOTSPAN_LOG', 'HOTSPAN_ENGINE'];

  it('finds the name behind a missing, extra, wrong or swapped letter', () => {
    for (const slip of ['HOTSPAN_RAT', 'HOTSPAN_RATES', 'HOTSPAN_RITE', 'HOTSPAN_RAET', 'hotspan-rate']) {
      assert.equal(closestMatch(slip, names), 'HOTSPAN_RATE', slip);
    }
  });

  it('prefers the nearer of two candidates', () => {
    assert.equal(closestMatch('HOTSPAN_LABEL', names), 'HOTSPAN_LABELS');
    assert.equal(closestMatch('HOTSPAN_LOGS', names), 'HOTSPAN_LOG');
  });

  it('gives nothing rather than a wild guess', () => {
    assert.equal(closestMatch('colour', ['rate', 'engine', 'log']), undefined);
  });
});

describe('editDistance', () => {
  it('counts known distances', () => {
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('rate', 'raet'), 1);
    assert.equal(editDistance('', 'abc'), 3);
    assert.equal(editDistance('same', 'same'), 0);
  });

  it('agrees with a recursive definition', () => {
    const slow = (a: string, b: string): number => {
      if (a === '' || b === '') return a.length + b.length;
      const rest = slow(a.slice(0, -1), b.slice(0, -1)) + (a.at(-1) === b.at(-1) ? 0 : 1);
      const plain = Math.min(rest, slow(a.slice(0, -1), b) + 1, slow(a, b.slice(0, -1)) + 1);
      const swapped = a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1);
      return swapped ? Math.min(plain, slow(a.slice(0, -2), b.slice(0, -2)) + 1) : plain;
    };
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
    fc.assert(fc.property(word, word, (a, b) => editDistance(a, b) === slow(a, b)));
  });
});
