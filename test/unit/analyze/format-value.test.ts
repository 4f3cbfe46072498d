import assert from 'node:assert/strict';
import { formatPercent, formatValue } from '../../../src/analyze/format-value.ts';

describe('formatValue', () => {
  const cases: [value: number, unit: string, text: string][] = [
    [0, 'nanoseconds', '0'], [999, 'nanoseconds', '999ns'], [999_600, 'nanoseconds', '1ms'], [1_230_000_000, 'nanoseconds', '1.23s'],
    [45_600_000, 'nanoseconds', '45.6ms'], [7_200_000_000_000, 'nanoseconds', '7200s'], [-1500, 'nanoseconds', '-1.5us'],
    [1500, 'microseconds', '1.5ms'], [512, 'bytes', '512B'], [12.3 * 1024 ** 2, 'bytes', '12.3MB'], [1023.9 * 1024, 'bytes', '1MB'],
    [1234567, 'count', '1234567'], [12, 'pages', '12 pages'],
  ];
  for (const [value, unit, text] of cases) {
    it(`${value} ${unit} is ${text}`, () => assert.equal(formatValue(value, unit), text));
  }
  it('prints percentages with two digits', () => assert.deepEqual([0, 12.345, 100].map(formatPercent), ['0%', '12.35%', '100.00%']));
});
