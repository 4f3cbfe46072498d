import { afterAll, aroundEach } from 'vitest';
import { labelTest } from './label-test.ts';
import { keepProfile, openTestSession } from './test-session.ts';

/** A setup file of Vitest: loaded before each test file, in the process or thread that runs it. */
interface Task { readonly name: string; readonly suite?: Task | undefined }

openTestSession();

aroundEach(async (runTest, { task }) => {
  await labelTest(titleOf(task), runTest);
});

// Vitest ends the process by SIGTERM, and half a second later by SIGKILL: too early for a profile that is large.
afterAll(keepProfile);

/** As in mocha: the names of the suites around it, and its own. */
function titleOf(task: Task): string {
  const titles: string[] = [];
  for (let at: Task | undefined = task; at !== undefined; at = at.suite) if (at.name !== '') titles.unshift(at.name);
  return titles.join(' ');
}
