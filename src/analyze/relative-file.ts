/** A file without the root it lies under; any other as it is. */
export function relativeFile(file: string, roots: readonly string[]): string {
  const path = file.startsWith('file://') ? decodeURI(file.slice('file://'.length)) : file;
  const root = roots
    .map((each) => (each.endsWith('/') ? each : `${each}/`))
    .filter((each) => path.startsWith(each))
    .reduce((longest, each) => (each.length > longest.length ? each : longest), '');
  return root === '' ? file : path.slice(root.length);
}
