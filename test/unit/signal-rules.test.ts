import assert from 'node:assert/strict';

interface SignalRules {
  readonly signalFunctions: (source: string) => { name: string; body: string }[];
  readonly forbiddenIn: (body: string) => string[];
}
// No .d.ts for one reader: its types stand here.
const url = new URL('../../scripts/signal-rules.mjs', import.meta.url).href;
const { forbiddenIn, signalFunctions } = (await import(url)) as SignalRules;

const inFunction = (body: string): string => `uint64_t Room::Take_signal(const Slot& slot, int id) const {\n  ${body}\n}\n`;

describe('the rules of the signal handler', () => {
  for (const [what, body, found] of [
    ['allocates', 'auto* made = new Slot;', ['new']],
    ['allocates by a container', 'std::vector<int> all;', ['std::vector']],
    ['locks', 'lock_mutex(a);', ['lock_mutex', 'lock_mutex']],
    ['calls what has no suffix', 'return NativeCode::Get().size();', ['Get']],
    ['calls it in a condition', 'if (IsFree(slot)) return 1;', ['IsFree']],
    ['calls it by a template', 'return Read<uint64_t>(id);', ['Read']],
    ['calls what has the suffix', 'return Find_signal(slot.state.load(std::memory_order_acquire));', []],
    ['calls a lambda of its own', 'const auto is_new = [&](int of) { return of > id; }; return is_new(3);', []],
    ['speaks of it', '// new Slot, IsFree(slot)\n  return 0;', []],
  ] as const) {
    it(`${found.length === 0 ? 'pass' : 'name'} a function that ${what}`, () => {
      const functions = signalFunctions(inFunction(body));
      assert.deepEqual(functions.map(({ name }) => name), ['Take_signal']);
      assert.deepEqual(forbiddenIn(functions[0]!.body), [...found]);
    });
  }

  it('look at definitions alone, not at calls and declarations', () => {
    const source = 'void Take_signal(int id);\nvoid Tick() {\n  if (Take_signal(1)) {\n    new Slot;\n  }\n  return Take_signal(2);\n}\n';
    assert.deepEqual(signalFunctions(source), []);
  });
});
