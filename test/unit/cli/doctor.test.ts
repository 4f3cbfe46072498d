import assert from 'node:assert/strict';
import { parseCommandLine } from '../../../src/cli/command.ts';
import { createDoctorCommand } from '../../../src/cli/doctor.ts';
import { recordingIo } from './recording-io.ts';

type Describe = Parameters<typeof createDoctorCommand>[0];
type Report = Awaited<ReturnType<Describe>>;

const healthy: Report = {
  engine: 'native',
  reason: 'V8 13.6 is in the table and the self-test passed',
  node: 'v24.1.0',
  v8: '13.6.233.10',
  platform: 'linux',
  arch: 'x64',
  libc: 'glibc 2.36',
  checks: [{ name: 'frame walk', ok: true, detail: '30 of 30 frames' }],
  labels: 'async-context-frame',
  limits: [],
};

async function doctor(report: Report, ...argv: string[]): Promise<{ code: number; out: string }> {
  const command = createDoctorCommand(async () => report);
  const io = recordingIo();
  const code = await command.run(parseCommandLine(command, argv), io);
  assert.equal(io.err(), '');
  return { code, out: io.out() };
}

describe('hotspan doctor', () => {
  it('says engine and why, versions, platform, labels and checks', async () => {
    const { code, out } = await doctor(healthy);
    assert.equal(code, 0);
    for (const fact of [healthy.reason, 'v24.1.0', '13.6.233.10', 'linux x64', 'glibc 2.36', 'async-context-frame', '30 of 30 frames']) {
      assert.ok(out.includes(fact), fact);
    }
    assert.match(out, /^engine +native: /m);
    assert.match(out, /^ +ok +frame walk/m);
    assert.match(out, /^limits +none$/m);
  });

  it('marks a failed check and lists the limits; a limited engine is still code 0', async () => {
    const { code, out } = await doctor({
      ...healthy,
      engine: 'inspector',
      checks: [{ name: 'addon', ok: false, detail: 'not built for musl' }],
      limits: ['no native frames: install a glibc image', 'no span labels'],
    });
    assert.equal(code, 0);
    assert.match(out, /^ +fail +addon +not built for musl$/m);
    assert.match(out, /^ +- no native frames: install a glibc image\n +- no span labels$/m);
  });

  it('gives code 1 when nothing can run', async () => {
    assert.equal((await doctor({ ...healthy, engine: 'none' })).code, 1);
  });

  it('prints the same report as JSON', async () => {
    assert.deepEqual(JSON.parse((await doctor(healthy, '--json')).out), healthy);
  });
});
