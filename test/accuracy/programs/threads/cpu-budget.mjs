// How long the programs here work: CPU time of the whole process, not time that passes.
const budgetUs = 1e6 * Number(process.env.HOTSPAN_TEST_SECONDS ?? 3.2);

/** Whether the process has still CPU time to spend. */
export function hasBudget() {
  const { user, system } = process.cpuUsage();
  return user + system < budgetUs;
}
