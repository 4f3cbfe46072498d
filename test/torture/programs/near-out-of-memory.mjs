// @flags --max-old-space-size=64
// Fills most of a small heap again and again, so that V8 collects as a last resort.
import { createChecksum, times } from './checksum.mjs';

const checksum = createChecksum();
const total = Math.min(400000, times(400000));
for (let round = 0; round < times(3); round++) {
  const held = [];
  for (let i = 0; i < total; i++) held.push({ i, pair: [i, i + 1] });
  let sum = 0;
  for (const { pair } of held) sum = (sum + pair[0]) | 0;
  if (held.length !== total || held.at(-1).i !== total - 1) throw new Error(`round ${round}: ${sum}`);
}
checksum.add('held');
checksum.print('near-out-of-memory');
