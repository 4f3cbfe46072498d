import { isAbsolute, relative } from 'node:path';
import type { Profile } from 'pprof-format';
import { formatValue } from '../analyze/format-value.ts';
import { renderTop } from '../analyze/render-top.ts';
import { topTable } from '../analyze/top.ts';
import { sampleTypeNames } from '../profile/merge-sample-types.ts';
import type { CollectedProfiles } from '../delivery/collect-profiles.ts';

export interface ReportOptions {
  /** Rows of the table; 0 leaves it out. */
  readonly rows: number;
  /** Paths beneath it are shown relative to it. */
  readonly cwd: string;
  readonly color: boolean;
}

/** What `hotspan run` says about one type of profile: the top functions, totals, files and how to open them. */
export function renderReport({ type, merged, mergedPath, processPaths }: CollectedProfiles, options: ReportOptions): string {
  const shown = (path: string): string => showPath(path, options.cwd);
  const table = options.rows > 0 ? renderTop(topTable(merged, { limit: options.rows }), { color: options.color }) : '';
  const [first = ''] = processPaths;
  const rest = processPaths.length > 1 ? `, and ${processPaths.length - 1} more` : '';
  const processes = processPaths.length === 1 ? '1 process' : `${processPaths.length} processes`;
  return [
    table,
    `${type}: ${totals(merged)}, ${processes}\n`,
    `merged:      ${shown(mergedPath)}\n`,
    `per process: ${shown(first)}${rest}\n`,
    `open with:   go tool pprof -http=: ${shellWord(shown(mergedPath))}\n`,
  ].join('');
}

function totals(profile: Profile): string {
  return sampleTypeNames(profile)
    .map(({ type, unit }, index) => {
      let sum = 0;
      for (const { value } of profile.sample) sum += Number(value[index] ?? 0);
      const value = formatValue(sum, unit);
      return type === 'samples' ? `${value} ${sum === 1 ? 'sample' : 'samples'}` : `${value} ${type}`;
    })
    .join(', ');
}

function showPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') || isAbsolute(short) ? path : short;
}

/** Quoted where a shell would take the bare path apart, so that the hint can be pasted. */
function shellWord(text: string): string {
  return /^[\w./@%+:=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
