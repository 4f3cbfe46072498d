/** A place profiles are delivered to. */
export type ExportTarget =
  /** `directory` as the user wrote it: relative to the working directory unless absolute. */
  | { readonly kind: 'file'; readonly directory: string }
  /** `url` is undefined when the backend's usual address is meant. */
  | { readonly kind: UploadKind; readonly url: string | undefined };

export type UploadKind = 'datadog' | 'otlp' | 'pyroscope';

interface ExportForm {
  readonly kind: ExportTarget['kind'];
  readonly form: string;
  readonly help: string;
}

/** The accepted forms, for parsing, messages and documentation. */
export const exportForms: readonly ExportForm[] = [
  { kind: 'file', form: 'file:DIR', help: 'gzip pprof files in a directory' },
  { kind: 'datadog', form: 'datadog[:URL]', help: 'a Datadog Agent, by `http:`, `https:` or `unix:` URL, or with `DD_API_KEY` the intake itself' },
  { kind: 'otlp', form: 'otlp[:URL]', help: 'an OpenTelemetry Collector, or what else takes OTLP profiles over HTTP' },
  { kind: 'pyroscope', form: 'pyroscope[:URL]', help: 'a Pyroscope server' },
];

/** Either a target, or why there is none: a clause that completes "`<what was given>`: …". */
export type ParsedTarget = { readonly target: ExportTarget } | { readonly complaint: string };

/** Parses one entry of `HOTSPAN_EXPORT`, such as `file:./profiles` or `otlp:http://localhost:4318`. */
export function parseExportTarget(given: string): ParsedTarget {
  const text = given.trim();
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  const detail = colon === -1 ? undefined : text.slice(colon + 1);
  const kind = exportForms.find((form) => form.kind === name)?.kind;
  if (kind === undefined) return { complaint: `expected ${formList(exportForms)}, got ${JSON.stringify(text)}` };
  if (kind === 'file') {
    return detail ? { target: { kind, directory: detail } } : { complaint: 'expected file:DIR with a directory' };
  }
  if (detail === undefined) return { target: { kind, url: undefined } };
  const schemes = kind === 'datadog' ? ['http', 'https', 'unix'] : ['http', 'https'];
  if (isUrl(detail, schemes)) return { target: { kind, url: detail } };
  return { complaint: `expected ${kind}:URL with a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(', ').replace(/, ([^,]*)$/, ' or $1')}` };
}

function isUrl(text: string, schemes: readonly string[]): boolean {
  return URL.canParse(text) && schemes.some((scheme) => text.toLowerCase().startsWith(`${scheme}://`));
}

function formList(forms: readonly ExportForm[]): string {
  return forms.map(({ form }) => form).join(', ');
}
