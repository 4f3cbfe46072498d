import { Session } from 'node:inspector';
import { runInThisContext } from 'node:vm';
import type { UnmappedLocation } from '../../../../src/profile/source-maps/positions.ts';

interface FunctionLocation { scriptId: string; lineNumber: number; columnNumber: number }

/**
 * Runs a script whose value is `{ label: function }` and asks V8 where each function starts and what it is called:
 * the same facts the profiler has. Ids count the labels in order.
 */
export function functionStarts(code: string): Map<string, UnmappedLocation> {
  const values = runInThisContext(code) as Record<string, { name: string }>;
  const session = new Session();
  session.connect();
  const post = (method: string, params: object): Record<string, unknown> => {
    let answer: Record<string, unknown> = {};
    session.post(method, params, (error, result) => {
      if (error !== null) throw error;
      answer = result as Record<string, unknown>;
    });
    return answer;
  };
  try {
    const starts = new Map<string, UnmappedLocation>();
    for (const [label, fn] of Object.entries(values)) {
      (globalThis as Record<string, unknown>)['hotspanTestFunction'] = fn;
      const { objectId } = post('Runtime.evaluate', { expression: 'hotspanTestFunction' })['result'] as { objectId: string };
      const properties = post('Runtime.getProperties', { objectId })['internalProperties'] as { name: string; value: { value: FunctionLocation } }[];
      const found = properties.find(({ name }) => name === '[[FunctionLocation]]')?.value.value;
      if (found === undefined) throw new Error(`no location for ${label}`);
      const [line, column] = [found.lineNumber + 1, found.columnNumber + 1];
      starts.set(label, { id: starts.size, line, column, functionName: fn.name, functionLine: line, functionColumn: column });
    }
    return starts;
  } finally {
    delete (globalThis as Record<string, unknown>)['hotspanTestFunction'];
    session.disconnect();
  }
}
