// What the comments of a test of Node's say about how to run it, and which differences docs/compatibility.md accepts.

/**
 * Flags and environment from the lines `// Flags: --a --b` and `// Env: A=1 B=2` of a test.
 */
export function testCommand(text: string): { flags: string[]; env: Record<string, string> } {
  const words = (label: string): string[] =>
    [...text.matchAll(new RegExp(`^// ${label}:(.*)$`, 'gm'))].flatMap(([, line = '']) => line.trim().split(/\s+/)).filter(Boolean);
  const env = words('Env').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  return { flags: words('Flags'), env: Object.fromEntries(env) };
}

/** File names of the tests in the first column of the table below the heading "Node's own tests" of docs/compatibility.md. */
export function acceptedDifferences(page: string): Set<string> {
  const section = page.split(/^## /m).find((part) => part.startsWith("Node's own tests")) ?? '';
  return new Set([...section.matchAll(/^\| `(test-[\w.-]+)`/gm)].flatMap(([, name]) => name ?? []));
}
