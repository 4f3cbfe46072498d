/** A script of the profiled program and the generated positions in it that were sampled. */
export interface UnmappedScript {
  /** Unique within the process. */
  readonly scriptId: number;
  /** As V8 reports it: a path (CommonJS), a `file://` URL (ES modules), or anything a loader or `eval` chose. */
  readonly url: string;
  /** Content of the script's `sourceMappingURL` comment: relative, absolute, `file://` or `data:`. Empty for none. */
  readonly sourceMapUrl: string;
  readonly locations: readonly UnmappedLocation[];
}

/** Lines and columns count from 1; 0 means not known. */
export interface UnmappedLocation {
  /** Chosen by the caller; comes back in MappedLocation. */
  readonly id: number;
  readonly line: number;
  readonly column: number;
  /** As in a V8 stack trace, such as `handle`, `Class.method`, `new Class`. Empty when anonymous. */
  readonly functionName: string;
  /** Where V8 says the function starts: the `(` of its parameters, for an arrow function its first token. */
  readonly functionLine: number;
  readonly functionColumn: number;
}

/** An original position; the generated one where the map has none. Lines and columns count from 1. */
export interface MappedLocation {
  readonly id: number;
  /** Absolute path where one is known, else a URL. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The original name, or the generated one when the map does not know better. Absent when anonymous. */
  readonly functionName?: string;
  /** Line in `file` at which the function starts; 0 when it starts in another file, as code moved by a bundler may. */
  readonly functionStartLine: number;
}

export interface MappedScript {
  readonly scriptId: number;
  /** One for each location of the script, in the same order. */
  readonly locations: readonly MappedLocation[];
}

/** The path of a `file:` URL without query and fragment; anything else as it is. */
export function scriptPath(url: string): string {
  if (!/^file:/i.test(url)) return url;
  try {
    const path = decodeURIComponent(new URL(url).pathname);
    return /^\/[a-z]:\//i.test(path) ? path.slice(1) : path;
  } catch {
    return url;
  }
}

/** The location with its generated position: what a script without a usable map gets. */
export function keepGenerated(script: UnmappedScript, location: UnmappedLocation): MappedLocation {
  return {
    id: location.id,
    file: scriptPath(script.url),
    line: location.line,
    column: location.column,
    ...(location.functionName === '' ? {} : { functionName: location.functionName }),
    functionStartLine: location.functionLine,
  };
}
