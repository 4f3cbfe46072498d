import { Profile } from 'pprof-format';

/** Counts of samples, by what their stack shows of the self-test's known call tree. */
export interface SelfTestCounts {
  /** With the callee in the stack. */
  readonly callee: number;
  /** Of these, with the caller beneath. */
  readonly withCaller: number;
  /** Of these, with both on the lines they must be on. */
  readonly onLines: number;
}

/** Reads the self-test's profile. */
export function countSelfTest(
  pprof: Uint8Array,
  expected: { readonly calleeLine: number; readonly callerLine: number },
): SelfTestCounts {
  const profile = Profile.decode(pprof);
  const names = new Map(profile.function.map((f) => [Number(f.id), profile.stringTable.strings[Number(f.name)] ?? '']));
  const frames = new Map(
    profile.location.map((location) => {
      const line = location.line[0];
      return [Number(location.id), { name: names.get(Number(line?.functionId)) ?? '', line: Number(line?.line) }];
    }),
  );
  const counts = { callee: 0, withCaller: 0, onLines: 0 };
  for (const sample of profile.sample) {
    const stack = sample.locationId.map((id) => frames.get(Number(id)));
    const at = stack.findIndex((frame) => frame?.name === 'selfTestCallee');
    if (at < 0) continue;
    const [callee, caller] = [stack[at], stack[at + 1]];
    const samples = Number(sample.value[0]);
    counts.callee += samples;
    if (caller?.name !== 'selfTestCaller') continue;
    counts.withCaller += samples;
    if (callee?.line === expected.calleeLine && caller.line === expected.callerLine) counts.onLines += samples;
  }
  return counts;
}
