import { openTestSession } from './test-session.ts';

/** A global setup file of Vitest: runs in Vitest's own process, and what it returns runs after the last test. */
export default function setup(): () => Promise<void> {
  const session = openTestSession();
  return () => session.close();
}
