import { scriptPath } from './positions.ts';

export interface SourceResolverOptions {
  /** Working directory of the profiled program, an absolute path. */
  readonly cwd?: string | undefined;
  /** Tells whether a file exists. @default nothing exists */
  readonly fileExists?: ((path: string) => boolean) | undefined;
}

const bundlerUrl = /^(?!file:|https?:|node:|data:|blob:)[a-z][a-z0-9+.-]+:\/\/[^/]*\/+(.*)$/i;

/**
 * Makes a function that turns a source as the map resolves it into an absolute path, where there is one:
 * - `file:` URLs and paths become paths, percent-encoding undone;
 * - `webpack://app/./src/x.js?a1b2` and its like become the file of that name beneath the working directory, or
 *   beneath the map's directory or one above it, when it exists there, and stay as they are otherwise.
 */
export function sourceResolver(mapUrl: string, options: SourceResolverOptions): (source: string) => string {
  const exists = options.fileExists ?? (() => false);
  const directories = [...(options.cwd === undefined ? [] : [options.cwd]), ...directoriesAbove(scriptPath(mapUrl))];
  const known = new Map<string, string>();
  return (source) => {
    let file = known.get(source);
    if (file === undefined) {
      file = resolveOne(source, directories, exists);
      known.set(source, file);
    }
    return file;
  };
}

function resolveOne(source: string, directories: readonly string[], exists: (path: string) => boolean): string {
  const inBundle = bundlerUrl.exec(source)?.[1];
  if (inBundle !== undefined) {
    const relative = withoutQuery(inBundle).replace(/^(?:\.\/)+/, '');
    if (relative === '') return source;
    return directories.map((directory) => join(directory, relative)).find(exists) ?? source;
  }
  if (/^file:/i.test(source)) return scriptPath(source);
  if (!source.startsWith('/') || !source.includes('%')) return source;
  // The specification says URL, many tools write plain paths: a file that exists settles it.
  return exists(source) ? source : decodePath(source);
}

/** Without the `?…` of the last path component. By indexOf(): a pattern takes a time that grows with the square of the length. */
function withoutQuery(path: string): string {
  const query = path.indexOf('?', path.lastIndexOf('/') + 1);
  return query < 0 ? path : path.slice(0, query);
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function directoriesAbove(path: string): string[] {
  const directories: string[] = [];
  for (let end = path.lastIndexOf('/'); path.startsWith('/') && end >= 0; end = path.lastIndexOf('/', end - 1)) {
    directories.push(path.slice(0, end) || '/');
    if (end === 0) break;
  }
  return directories;
}

/** Joins and removes `.` and `..`. */
function join(directory: string, relative: string): string {
  const parts: string[] = [];
  for (const part of `${directory}/${relative}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
