/** A place profiles are delivered to. */
export type ExportTarget =
  /** `directory` as the user wrote it: relative to the working directory unless absolute. */
  | { readonly kind: 'file'; readonly directory: string }
  /** `url` is undefined when the backend's usual address is meant. */
  | { readonly kind: 'datadog' | 'otlp' | 'pyroscope'; readonly url: string | undefined };

interface ExportForm {
  readonly kind: ExportTarget['kind'];
  readonly form: string;
  readonly help: string;
  /** False: the form is understood, but this version cannot deliver there. */
  readonly available: boolean;
}

/** The accepted forms, for parsing, messages and documentation. */
export const exportForms: readonly ExportForm[] = [
  { kind: 'file', form: 'file:DIR', help: 'gzip pprof files in a directory', available: true },
  { kind: 'datadog', form: 'datadog[:URL]', help: 'a Datadog Agent', available: false },
  { kind: 'otlp', form: 'otlp[:URL]', help: 'an OpenTelemetry collector', available: false },
  { kind: 'pyroscope', form: 'pyroscope[:URL]', help: 'a Pyroscope server', available: false },
];

const availableForms = exportForms.filter(({ available }) => available);

/** Either a target, or why there is none: a clause that completes "`<what was given>`: …". */
export type ParsedTarget = { readonly target: ExportTarget } | { readonly complaint: string };

/** Parses one entry of `HOTSPAN_EXPORT`, such as `file:./profiles` or `otlp:http://localhost:4318`. */
export function parseExportTarget(text: string): ParsedTarget {
  const parsed = parseForm(text.trim());
  if ('complaint' in parsed) return parsed;
  const { kind } = parsed.target;
  if (availableForms.some((form) => form.kind === kind)) return parsed;
  return { complaint: `exporting to ${kind} is not available in this version (available: ${formList(availableForms)})` };
}

/** Parses the form alone, whether or not this version can deliver there. */
export function parseForm(text: string): ParsedTarget {
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  const detail = colon === -1 ? undefined : text.slice(colon + 1);
  const kind = exportForms.find((form) => form.kind === name)?.kind;
  if (kind === undefined) return { complaint: `expected ${formList(exportForms)}, got ${JSON.stringify(text)}` };
  if (kind === 'file') {
    return detail ? { target: { kind, directory: detail } } : { complaint: 'expected file:DIR with a directory' };
  }
  if (detail === undefined) return { target: { kind, url: undefined } };
  if (isHttpUrl(detail)) return { target: { kind, url: detail } };
  return { complaint: `expected ${kind}:URL with a URL that starts with http:// or https://` };
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function formList(forms: readonly ExportForm[]): string {
  return forms.map(({ form }) => form).join(', ');
}
