import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../support/engine-features.ts';
import { readHeap } from '../support/heap-query.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { runProgram } from '../support/run-program.ts';
import { assertValidPprof } from '../support/valid-profile.ts';

const program = fileURLToPath(new URL('./programs/allocations.mjs', import.meta.url));
const source = readFileSync(program, 'utf8').split('\n');
const count = 400_000;
/** Of an object: three words of V8's own and five fields. Of an array: four words, and two before its ten elements. */
const bytesOf = { object: (3 + 5) * 8, array: (4 + 2 + 10) * 8 };
const compilers = {
  'V8 as it is': [],
  TurboFan: ['--no-maglev'],
  'TurboFan without inlining': ['--no-maglev', '--no-turbo-inlining'],
  Maglev: ['--maglev', '--no-turbofan'],
};
/** Each way the program knows, and the functions that allocate in it. */
const ways = { called: 'keepPair', inOneLoop: 'keepPair', atOnce: 'atOnce' };

// The slow path of an allocation, where its sample is taken, stands behind the rest of the optimized code.
for (const node of nodesUnderTest()) {
  describeNeeding(['heap counts'], `lines of allocations in optimized code on Node ${node.version}`, () => {
    for (const [compiler, flags] of Object.entries(compilers)) {
      for (const [way, owner] of Object.entries(ways)) {
        // Maglev gives all of such a loop's second copy one position: docs/limits.md.
        if (way === 'atOnce' && !compiler.startsWith('TurboFan') && node.major >= 24) continue;
        it(`${way}, by ${compiler}`, async () => {
          const result = await runProgram({ node: node.path, args: [...flags, program, way], timeoutMs: 60_000 });
          assert.deepEqual([result.code, result.stderr], [0, '']);
          const bytes = Buffer.from(result.stdout, 'base64');
          assertValidPprof(bytes);
          const byText = new Map<string, number>();
          for (const { frames, values } of readHeap(bytes).samples) {
            const [frame] = frames;
            const text = frame?.file === program ? `${frame.name}: ${source[frame.line - 1]?.trim()}` : 'elsewhere';
            byText.set(text, (byText.get(text) ?? 0) + (values.inuse_space ?? 0));
          }
          for (const [kind, size] of Object.entries(bytesOf)) {
            const seen = [...byText].filter(([text]) => text.startsWith(`${owner}: `) && text.includes(`; // ${kind}`)).reduce((sum, [, value]) => sum + value, 0);
            const error = seen / (count * size) - 1;
            assert.ok(Math.abs(error) < 0.1, `${kind}: ${(100 * error).toFixed(1)}% off; ${JSON.stringify([...byText])}`);
          }
        });
      }
    }
  });
}
