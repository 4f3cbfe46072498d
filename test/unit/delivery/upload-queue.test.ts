import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import type { Backend, OutgoingPeriod } from '../../../src/delivery/backend.ts';
import { retryDelayMs } from '../../../src/delivery/retry-delay.ts';
import type { SendOutcome } from '../../../src/delivery/send-request.ts';
import { Spool } from '../../../src/delivery/spool.ts';
import { UploadQueue } from '../../../src/delivery/upload-queue.ts';
import { outgoingPeriod } from '../../support/outgoing-period.ts';

const endpoint = { url: new URL('http://127.0.0.1:1/') };
const backend: Backend = {
  kind: 'datadog',
  destination: 'nowhere',
  maxAgeMs: 3_600_000,
  encode: (period) => ({ method: 'POST', endpoint, headers: { id: period.id }, body: period.profiles[0]!.bytes }),
};
const period = (sequence: number, endMs = Date.now()): OutgoingPeriod => outgoingPeriod(undefined, { id: `run-${sequence}`, sequence, endMs });
const answer = (status: number, retryAfterMs?: number): SendOutcome => ({ status, retryAfterMs, detail: '' });

let directory: string;
/** Of each test of a suite that calls this. */
function useFreshDirectory(): void {
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-queue-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
}

interface Rig { queue: UploadQueue; sent: string[]; lines: string[]; answers: (SendOutcome | Promise<SendOutcome>)[] }

/** A queue whose receiver answers in turn, then with 202. */
function rig(answers: Rig['answers'] = [], parts: { spool?: Spool | undefined; maxMemoryBytes?: number; answerTo?: (id: string) => SendOutcome } = {}): Rig {
  const sent: string[] = [];
  const lines: string[] = [];
  const queue = new UploadQueue({
    backend,
    spool: 'spool' in parts ? parts.spool : new Spool({ directory, maxBytes: 1024 * 1024, maxAgeMs: 86_400_000 }),
    send: async (request, { onSent }) => {
      sent.push(request.headers['id']!);
      onSent?.();
      return answers.shift() ?? parts.answerTo?.(request.headers['id']!) ?? answer(202);
    },
    log: (_, line) => lines.push(line),
    ...(parts.maxMemoryBytes === undefined ? {} : { maxMemoryBytes: parts.maxMemoryBytes }),
  });
  return { queue, sent, lines, answers };
}

const files = (): string[] => readdirSync(directory);

describe('UploadQueue', () => {
  useFreshDirectory();
  it('sends a period once and keeps nothing of it', async () => {
    const { queue, sent } = rig();
    await queue.accept(period(1));
    await queue.flush(1000);
    assert.deepEqual(sent, ['run-1']);
    assert.deepEqual(files(), []);
    assert.deepEqual({ ...queue.counters }, { sent: 1, retries: 0, rejected: 0, dropped: 0, waiting: 0, spooledBytes: 0 });
  });

  it('has a period on disk before it is sent', async () => {
    const hold: Promise<SendOutcome> = new Promise((resolve) => setTimeout(() => resolve(answer(202)), 50));
    const { queue } = rig([hold]);
    await queue.accept(period(1));
    assert.equal(files().length, 1);
    await queue.flush(1000);
    assert.deepEqual(files(), []);
  });

  for (const failure of [answer(500), answer(503), answer(429), { failure: 'ECONNRESET' }]) {
    it(`keeps what failed with ${JSON.stringify(failure)} and sends it later, once`, async () => {
      const { queue, sent, lines } = rig([failure]);
      await queue.accept(period(1));
      await queue.flush(20);
      if (queue.counters.sent === 0) {
        assert.equal(files().length, 1);
        assert.match(files()[0]!, /\.held\./);
      }
      await queue.flush(1000);
      assert.deepEqual([sent, queue.counters.sent, queue.counters.retries], [['run-1', 'run-1'], 1, 1]);
      assert.equal(lines.filter((line) => line.includes('cannot be reached')).length, 1);
    });
  }

  it('tries again in time when the calendar clock is set back by a day', async () => {
    const { queue, answers } = rig([answer(503, 50)], { spool: undefined });
    await queue.accept(period(1));
    while (answers.length > 0 || queue.counters.retries === 0) await new Promise((resolve) => setImmediate(resolve));
    mock.timers.enable({ apis: ['Date'], now: Date.now() - 86_400_000 });
    try {
      await queue.flush(5000);
      assert.equal(queue.counters.sent, 1);
    } finally {
      mock.timers.reset();
    }
  });

  for (const status of [400, 401, 403, 404, 413]) {
    it(`gives up what is refused with ${status}, and says so once`, async () => {
      const { queue, sent, lines } = rig([answer(status), answer(status)]);
      await queue.accept(period(1));
      await queue.accept(period(2));
      await queue.flush(1000);
      assert.deepEqual([sent, queue.counters.rejected, files()], [['run-1', 'run-2'], 2, []]);
      assert.deepEqual(lines, [`datadog at nowhere refuses profiles with ${status}`]);
    });
  }

  it('does not ask again before the time that the receiver named, not even at the end', async () => {
    const { queue, sent } = rig([answer(429, 3000)]);
    await queue.accept(period(1));
    await queue.flush(300);
    await queue.flush(300);
    assert.deepEqual(sent, ['run-1']);
    assert.equal(files().length, 1);
  });

  it('lets no period stand in the way of the others', async () => {
    const { queue } = rig([], { answerTo: (id) => answer(id === 'run-1' ? 500 : 202) });
    await queue.accept(period(1));
    await queue.accept(period(2));
    for (let i = 0; i < 20 && queue.counters.sent === 0; i++) await queue.flush(500);
    assert.deepEqual([queue.counters.sent, queue.counters.waiting], [1, 1]);
  });

  it('holds in memory what cannot be written, in bounds, the newest last', async () => {
    const broken = new Spool({ directory: '/proc/hotspan', maxBytes: 1024 * 1024, maxAgeMs: 1 });
    const size = period(0).profiles[0]!.bytes.length;
    const { queue, sent, lines } = rig(Array.from({ length: 5 }, () => ({ failure: 'down' })), { spool: broken, maxMemoryBytes: size * 3 });
    for (let i = 0; i < 10; i++) await queue.accept(period(i));
    assert.equal(queue.counters.waiting, 3);
    assert.equal(queue.counters.dropped, 7);
    assert.equal(lines.filter((line) => line.includes('cannot be kept on disk')).length, 1);
    sent.length = 0;
    while (queue.counters.sent < 3) await queue.flush(2000);
    assert.deepEqual([...new Set(sent)].sort(), ['run-7', 'run-8', 'run-9']);
  });

  it('does not send what is too old for the backend', async () => {
    const { queue, sent } = rig();
    await queue.accept(period(1, Date.now() - 2 * 3_600_000));
    await queue.flush(1000);
    assert.deepEqual([sent, queue.counters.dropped, files()], [[], 1, []]);
  });

  for (const count of [1, 3]) {
    it(`does not hold up the end for ${count} in memory alone when nobody answers, and says that they are lost`, async () => {
      const { queue, lines } = rig(Array.from({ length: 3 }, () => ({ failure: 'ECONNREFUSED' })), { spool: undefined });
      for (let i = 1; i <= count; i++) await queue.accept(period(i));
      await queue.flush(60_000);
      assert.equal(queue.counters.waiting, count);
      queue.abandon();
      assert.equal(queue.counters.dropped, count);
      assert.match(lines[0] ?? '', /cannot be reached \(ECONNREFUSED\); profiles are kept in memory alone/);
      assert.match(lines[1] ?? '', count === 1 ? /^a profile for datadog .* is lost/ : /^3 profiles for datadog .* are lost/);
      assert.equal(lines.length, 2);
    });
  }

  it('asks a backend again and again at the end that answers but does not take what is in memory alone', async () => {
    const { queue, sent } = rig([answer(503), answer(503), answer(503), answer(503)], { spool: undefined });
    await queue.accept(period(1));
    await queue.flush(60_000);
    assert.deepEqual([queue.counters.sent, sent.length], [1, 5]);
    queue.abandon();
    assert.equal(queue.counters.dropped, 0);
  });

  it('says nothing at the end of what is on disk', async () => {
    const { queue, lines } = rig([{ failure: 'down' }, { failure: 'down' }]);
    await queue.accept(period(1));
    await queue.flush(1000);
    queue.abandon();
    assert.equal(queue.counters.dropped, 0);
    assert.deepEqual(lines, ['datadog at nowhere cannot be reached (down); profiles are kept and sent later']);
  });

  it('ends a flush at the first failure when all is safe, and in time when nothing comes back', async () => {
    const down = rig(Array.from({ length: 20 }, () => ({ failure: 'down' })));
    await down.queue.accept(period(1));
    await down.queue.flush(60_000);
    rmSync(directory, { recursive: true });
    const silent = rig([new Promise(() => {})]);
    await silent.queue.accept(period(2));
    await silent.queue.flush(50);
    assert.equal(silent.queue.counters.waiting, 1);
  });
});

describe('retryDelayMs', () => {
  useFreshDirectory();
  it('doubles from a second to five minutes, less up to half of it', () => {
    assert.deepEqual([0, 1, 2, 8, 9, 1000].map((failures) => retryDelayMs(failures, 1)), [1000, 2000, 4000, 256_000, 300_000, 300_000]);
    assert.deepEqual([0, 9].map((failures) => retryDelayMs(failures, 0)), [500, 150_000]);
  });
});
