import { describeEnvSource } from './env-source.ts';
import { exportForms } from './export-target.ts';
import type { OptionDefinition, Surface } from './option-definition.ts';
import { optionTable } from './option-table.ts';
import { acceptedValues } from './parse-value.ts';

const head = `<!-- Generated from src/options/option-table.ts by scripts/generate-docs.mjs. Do not edit. -->
# Options

Each option can be set by an environment variable, most also by a key of \`start({ … })\` or a flag
of \`hotspan run\`. A flag wins over a variable for the command it starts; inside a program, a key of
\`start()\` wins over its variable. Variables of one option are tried from left to right, and an
empty variable counts as unset.

A value that is not accepted is named in one line on stderr together with what is accepted, and the
default is used: the program itself always starts. \`hotspan run\` refuses a bad flag before it
starts anything, with exit code 2.
`;

const tail = `
Other switches are left alone: \`OTEL_SDK_DISABLED\` and \`DD_PROFILING_ENABLED\` belong to their own
products. Only \`HOTSPAN_ENABLED=false\` turns hotspan off.

Lists are separated by commas; write \`\\,\` for a comma inside an entry. Booleans are
\`true\`, \`1\`, \`yes\`, \`on\` and \`false\`, \`0\`, \`no\`, \`off\`, in any case.
`;

/** The text of docs/options.md. */
export function renderOptionsPage(): string {
  const rows: readonly OptionDefinition[] = optionTable;
  return [head, ...rows.filter(({ internal }) => !internal).map(renderOption), tail].join('');
}

function renderOption(option: OptionDefinition): string {
  const on = (surface: Surface): boolean => option.surfaces.includes(surface);
  const facts = [
    `Environment: ${option.env.map((source) => code(describeEnvSource(source))).join(', ')}`,
    ...(on('api') ? [`\`start()\`: ${code(option.name)}`] : []),
    ...(on('run') && option.flag !== undefined ? [`\`hotspan run\`: ${code(`--${option.flag}`)}`] : []),
    `Accepts: ${acceptedValues(option)}`,
    ...choiceLines(option),
    `Default: ${describeDefault(option)}`,
  ];
  return `\n## ${option.name}\n${option.help}.\n\n${facts.map((fact) => (fact.startsWith('  ') ? fact : `- ${fact}`)).join('\n')}\n`;
}

function choiceLines(option: OptionDefinition): string[] {
  if (option.kind === 'export-list') {
    return exportForms.map(({ form, help }) => `  - ${code(form)}: ${help}`);
  }
  return (option.choices ?? []).map(({ value, help }) => `  - ${code(value)}: ${help}`);
}

function describeDefault(option: OptionDefinition): string {
  const fixed = option.default === undefined ? 'none' : code(option.default);
  if (option.infer !== undefined) return `inferred from ${option.infer.from}; else ${fixed}`;
  if (option.packageKey === undefined) return fixed;
  const nearest = `the ${code(option.packageKey)} of the nearest package.json`;
  return option.default === undefined ? nearest : `${nearest}, else ${fixed}`;
}

function code(text: string): string {
  return `\`${text}\``;
}
