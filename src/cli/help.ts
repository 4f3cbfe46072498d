import type { Paint } from './color.ts';
import { type CliOption, type Command, helpOption, valueLabel } from './command.ts';

export interface HelpLayout {
  readonly paint: Paint;
  /** Width of the terminal in characters; undefined when there is none. */
  readonly columns?: number | undefined;
}

/** Lines longer than this are hard to read however wide the terminal. */
const widest = 100;
const narrowest = 40;
const optionColumn = 26;

/** `hotspan --help`: the commands, one line each. */
export function renderOverview(commands: readonly Command[], { paint, columns }: HelpLayout): string {
  const width = clampWidth(columns);
  const nameWidth = Math.max(...commands.map(({ name }) => name.length)) + 4;
  return [
    ...wrap('hotspan: continuous profiler for Node.js. CPU and wall time by function and line, as pprof files.', width, 0),
    '',
    `${paint('bold', 'Usage:')} hotspan COMMAND [options]`,
    '',
    paint('bold', 'Commands:'),
    ...commands.flatMap(({ name, summary }) => twoColumns(name, summary, nameWidth, width, paint)),
    '',
    paint('bold', 'Options:'),
    ...renderOptions([helpOption, { flag: 'version', short: 'V', kind: 'boolean', help: 'Show the version' }], width, paint),
    '',
    ...wrap('"hotspan COMMAND --help" tells more about a command.', width, 0),
    '',
  ].join('\n');
}

/** `hotspan COMMAND --help`, all of it from the command's table. */
export function renderCommandHelp(command: Command, { paint, columns }: HelpLayout): string {
  const width = clampWidth(columns);
  return [
    ...wrap(`${command.summary}.`, width, 0),
    '',
    `${paint('bold', 'Usage:')} hotspan ${command.usage}`,
    '',
    paint('bold', 'Options:'),
    ...renderOptions([...command.options, helpOption], width, paint),
    ...(command.notes === undefined ? [] : ['', ...renderNotes(command.notes, width)]),
    '',
  ].join('\n');
}

/** Breaks text at spaces so that no line is longer than `width`, indented by `indent`; a longer word stays whole. */
export function wrap(text: string, width: number, indent: number): string[] {
  const room = width - indent;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines.map((each) => ' '.repeat(indent) + each);
}

function renderOptions(options: readonly CliOption[], width: number, paint: Paint): string[] {
  return options.flatMap((option) => twoColumns(optionTerm(option), optionHelp(option), optionColumn, width, paint));
}

function optionTerm(option: CliOption): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  const value = option.kind === 'boolean' ? '' : ` ${valueLabel(option)}`;
  return `${short}--${option.flag}${value}`;
}

function optionHelp(option: CliOption): string {
  const remarks = [
    ...(option.choices !== undefined && option.valueName !== undefined ? [option.choices.join(', ')] : []),
    ...(option.multiple ? ['may be repeated'] : []),
    ...(option.default === undefined || option.default === false ? [] : [`default ${option.default}`]),
  ];
  return remarks.length === 0 ? option.help : `${option.help} (${remarks.join('; ')})`;
}

/** A term and its meaning; a term too long for its column has a line of its own. */
function twoColumns(term: string, meaning: string, column: number, width: number, paint: Paint): string[] {
  const lines = wrap(meaning, width, column);
  const head = `  ${term}`;
  if (head.length + 2 > column) return [`  ${paint('cyan', term)}`, ...lines];
  const [first = '', ...others] = lines;
  return [`  ${paint('cyan', term)}${' '.repeat(column - head.length)}${first.slice(column)}`, ...others];
}

function renderNotes(notes: string, width: number): string[] {
  return notes.split('\n').flatMap((line) => (line === '' || line.startsWith(' ') ? [line] : wrap(line, width, 0)));
}

function clampWidth(columns: number | undefined): number {
  return Math.max(narrowest, Math.min(widest, columns ?? 80));
}
