import { nodesUnderTest, type NodeBinary } from '../../test/support/node-versions.ts';

/** The binaries given by `--node`, else as for the tests. Throws when one does not start. */
export function describeNodes(paths: readonly string[] | undefined): NodeBinary[] {
  if (paths !== undefined) process.env['HOTSPAN_TEST_NODES'] = paths.join(',');
  return nodesUnderTest();
}
