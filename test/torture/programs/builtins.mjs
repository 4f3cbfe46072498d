// JSON, regular expressions, sort and other builtins, with callbacks into JavaScript.
import { createChecksum, createRandom, times } from './checksum.mjs';

const checksum = createChecksum();
const value = { list: Array.from({ length: 60 }, (_, i) => ({ i, text: `text "${i}" \u00e9`, when: new Date(i * 1e9) })) };
const text = JSON.stringify(value);
for (let round = 0; round < times(25); round++) {
  const random = createRandom(9);
  const revived = JSON.parse(text, (key, item) => (key === 'i' ? item + 1 : item));
  const numbers = Array.from({ length: 300 }, () => random() % 1000).sort((a, b) => a - b);
  const sorted = [...numbers].sort().toSorted((a, b) => b - a);
  const typed = Float64Array.from(numbers).sort((a, b) => b - a);
  const matched = [...text.matchAll(/"(\w+)":("(?:[^"\\]|\\.)*"|\d+)/g)].length;
  const replaced = text.replace(/\d+/g, (digits) => digits.length).length;
  const failed = /(a+)+$/.test('aaaaaaaaaaaaaaaa!');
  const grouped = numbers.reduce((groups, n) => groups.set(n % 10, (groups.get(n % 10) ?? 0) + 1), new Map());
  const parts = [
    revived.list[59].i, JSON.stringify(value, (key, item) => (key === 'text' ? undefined : item)).length, sorted[0],
    typed[299], matched, replaced, failed, [...grouped.values()].join(), BigInt(round % 1) ** 50n + 3n ** 200n,
    structuredClone(value).list.length, text.normalize('NFD').length, encodeURIComponent(text).length,
    ['b', 'a', 'ä'].sort(new Intl.Collator('de').compare).join(''), text.split(/[,:]/).flatMap((part) => [part, 1]).length,
  ].join(' ');
  if (round === 0) checksum.add(parts);
}
checksum.print('builtins');
