/**
 * A perf test of hotspan itself, for `hotspan ci`: what happens to a profile after it was taken, over and over, on
 * profiles that are the same in each run. Needs dist/ only.
 */
import { gzipSync } from 'node:zlib';
import { decodeProfile, diffTable, encodeProfile, flameData, flameLayout, flameTree, mergeProfiles, topTable } from '../../dist/bench/profiles.js';
import { Profile, StringTable } from 'pprof-format';

const functions = 800;
const samples = 4000;
const rounds = Number(process.argv[2] ?? 2);

/** A generator of numbers that are the same in each run (Numerical Recipes). */
function random(seed) {
  let state = seed;
  return (below) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % below;
}

function makeProfile(seed) {
  const next = random(seed);
  const stringTable = new StringTable();
  const text = (value) => stringTable.dedup(value);
  return new Profile({
    stringTable,
    sampleType: [{ type: text('samples'), unit: text('count') }, { type: text('cpu'), unit: text('nanoseconds') }],
    function: Array.from({ length: functions }, (_, i) => ({ id: i + 1, name: text(`function${i}`), filename: text(`/app/file${i % 90}.js`), startLine: 1 + i })),
    location: Array.from({ length: functions }, (_, i) => ({ id: i + 1, line: [{ functionId: i + 1, line: 2 + i }] })),
    sample: Array.from({ length: samples }, () => ({
      locationId: Array.from({ length: 5 + next(35) }, () => 1 + next(functions)),
      value: [1, 1_000_000 + next(9_000_000)],
      label: [{ key: text('endpoint'), str: text(`GET /${next(20)}`) }],
    })),
  });
}

const files = [1, 2, 3].map((seed) => gzipSync(encodeProfile(makeProfile(seed))));
for (let round = 0; round < rounds; round++) {
  const profiles = files.map((file) => decodeProfile(file));
  const merged = mergeProfiles(profiles);
  encodeProfile(merged);
  topTable(merged, { limit: 20 });
  topTable(merged, { by: 'line', cum: true });
  diffTable(profiles.slice(0, 2), profiles.slice(2));
  flameLayout(flameTree(flameData({ head: profiles }), { type: 1 }));
}
