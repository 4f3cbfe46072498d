import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Profile } from 'pprof-format';
import { flameData } from '../analyze/flame-data.ts';
import { profileFileMode } from '../delivery/file-exporter.ts';
import { pageScript } from '../flame/page-script.ts';
import { renderFlamePage } from '../flame/render-page.ts';
import { ProfileError } from '../profile/profile-error.ts';
import { readProfile } from '../profile/read-profile.ts';
import { UsageError, type Command, type CommandIo, type ParsedArgs } from './command.ts';

const notes = `The page needs no network and no server. It has search, zoom, callers and callees of a function, a switch of the sample type, a filter by label, and works by keyboard: press ? in it. With --base, colours show what cost more (vermilion, ▲) or less (blue, ▼).

Examples:
  hotspan flame profiles/cpu.pb.gz
  hotspan flame head.pb.gz --base base.pb.gz -o difference.html`;

/** `hotspan flame FILE…`: a flame graph as one HTML file. */
export const flameCommand: Command = {
  name: 'flame',
  summary: 'Draw a flame graph as one HTML file',
  usage: 'flame [options] FILE… [--base FILE]',
  options: [
    { flag: 'base', kind: 'string', multiple: true, valueName: 'FILE', help: 'Compare with this profile' },
    { flag: 'out', short: 'o', kind: 'string', valueName: 'HTML', default: 'flame.html', help: 'The file to write' },
    { flag: 'title', kind: 'string', valueName: 'TEXT', help: 'What stands above the graph (default: the names of the files)' },
    { flag: 'root', kind: 'string', multiple: true, valueName: 'DIR', help: 'Cut this directory off file names, so that two checkouts match' },
  ],
  notes,
  run: runFlame,
};

async function runFlame({ values, positionals, rest }: ParsedArgs, io: CommandIo): Promise<number> {
  const files = [...positionals, ...rest];
  if (files.length === 0) throw new UsageError('name at least one profile file, such as profiles/cpu.pb.gz');
  const baseFiles = (values['base'] ?? []) as readonly string[];
  const roots = ((values['root'] ?? []) as readonly string[]).map((root) => resolve(io.cwd, root));
  const names = (list: readonly string[]): string => list.map((file) => basename(file)).join(', ');
  const title = values['title'] ?? (baseFiles.length === 0 ? names(files) : `${names(files)} against ${names(baseFiles)}`);
  const out = String(values['out']);
  try {
    const data = flameData({ head: await readAll(files, io.cwd), base: await readAll(baseFiles, io.cwd), roots });
    const html = await renderFlamePage({ title: String(title), data, script: await pageScript() });
    await write(resolve(io.cwd, out), out, html);
    io.stdout.write(`${out}\n`);
    return 0;
  } catch (cause) {
    if (cause instanceof ProfileError) throw new UsageError(cause.message, { cause });
    throw cause;
  }
}

async function readAll(files: readonly string[], cwd: string): Promise<Profile[]> {
  const profiles: Profile[] = [];
  for (const file of files) profiles.push(await readProfile(resolve(cwd, file)));
  return profiles;
}

async function write(path: string, shown: string, html: string): Promise<void> {
  try {
    await writeFile(path, html, { mode: profileFileMode });
  } catch (cause) {
    throw new UsageError(`cannot write ${shown}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
