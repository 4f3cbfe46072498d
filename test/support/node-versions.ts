import { spawnSync } from 'node:child_process';

export interface NodeBinary {
  path: string;
  /** As `process.version`, with the `v`. */
  version: string;
  major: number;
}

/**
 * The Node binaries to test: the paths listed in `HOTSPAN_TEST_NODES` (comma separated), else the running one.
 * Throws when a listed binary does not start: a matrix that silently shrinks proves nothing.
 */
export function nodesUnderTest(): NodeBinary[] {
  const listed = (process.env['HOTSPAN_TEST_NODES'] ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  return (listed.length > 0 ? listed : [process.execPath]).map(describeNode);
}

function describeNode(path: string): NodeBinary {
  const { stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const version = stdout?.trim() ?? '';
  if (error || !/^v\d+\./.test(version)) {
    throw new Error(`HOTSPAN_TEST_NODES: ${path} is not a Node binary that runs here: ${error?.message ?? version}`);
  }
  return { path, version, major: Number.parseInt(version.slice(1), 10) };
}

/** Undefined when this Node starts with `flags`, else its complaint. */
export function refusalOf(node: NodeBinary, flags: readonly string[]): string | undefined {
  const { status, signal, stderr } = spawnSync(node.path, [...flags, '--eval', '0'], { encoding: 'utf8' });
  // V8 only warns about a flag it does not know when it comes through a path other than argv.
  if (status === 0 && !/(bad|unrecognized) (option|flag)/i.test(stderr)) return undefined;
  return stderr.trim().split('\n')[0] || `exit status ${signal ?? status}`;
}
