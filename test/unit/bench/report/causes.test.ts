import assert from 'node:assert/strict';
import { causeOf } from '../../../../bench/report/causes.ts';

const verdict = { scenario: 'accuracy', measure: "calls: error of the thread's CPU in all", peer: 'datadog', standing: 'behind' } as const;

describe('bench causeOf', () => {
  it('knows a cause by scenario, measure and peer', () => {
    assert.match(causeOf(verdict) ?? '', /CPU clock/);
    assert.equal(causeOf({ ...verdict, peer: 'inspector' }), undefined);
    assert.equal(causeOf({ ...verdict, scenario: 'idle' }), undefined);
  });

  it('takes a cause of what is unclear for no cause of being behind', () => {
    const shares = { ...verdict, measure: 'calls: error of shares' };
    assert.match(causeOf({ ...shares, standing: 'unclear' }) ?? '', /chance/);
    assert.equal(causeOf(shares), undefined);
  });
});
