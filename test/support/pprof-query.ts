import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';

/** One frame as the profile states it, inlined ones included. */
export interface Frame {
  name: string;
  /** As in the profile: path, `file:` URL, `node:` id, or empty. */
  file: string;
  /** 1-based; 0 when the profile gives none. */
  line: number;
  /** 1-based; 0 when the profile gives none. */
  startLine: number;
}

export interface Sample {
  /** Leaf first. */
  frames: Frame[];
  count: number;
  cpuNs: number;
  wallNs: number;
  labels: Record<string, string>;
}

export interface ProfileView {
  samples: Sample[];
  sampleTypes: string[];
  comments: string[];
}

/**
 * Decodes a gzip pprof file of hotspan's cpu type. Throws when it lacks one of the three sample types.
 * `countType`: what other profilers call the number of samples.
 */
export function readPprof(gzipped: Uint8Array, countType = 'samples/count'): ProfileView {
  const profile = Profile.decode(gunzipSync(gzipped));
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '';
  const sampleTypes = profile.sampleType.map((type) => `${text(type.type)}/${text(type.unit)}`);
  const column = (type: string): number => {
    const index = sampleTypes.indexOf(type);
    if (index < 0) throw new Error(`the profile has no sample type ${type}: ${sampleTypes.join(', ')}`);
    return index;
  };
  const [countAt, cpuAt, wallAt] = [column(countType), column('cpu/nanoseconds'), column('wall/nanoseconds')];
  const functions = new Map(profile.function.map((fn) => [Number(fn.id), fn]));
  const framesAt = new Map<number, Frame[]>();
  for (const location of profile.location) {
    const frames = location.line.map((line): Frame => {
      const fn = functions.get(Number(line.functionId));
      return {
        name: text(fn?.name ?? 0),
        file: text(fn?.filename ?? 0),
        line: Number(line.line),
        startLine: Number(fn?.startLine ?? 0),
      };
    });
    framesAt.set(Number(location.id), frames);
  }
  const samples = profile.sample.map((sample): Sample => ({
    frames: sample.locationId.flatMap((id) => framesAt.get(Number(id)) ?? []),
    count: Number(sample.value[countAt]),
    cpuNs: Number(sample.value[cpuAt]),
    wallNs: Number(sample.value[wallAt]),
    labels: Object.fromEntries(sample.label.map((label) => [text(label.key), text(label.str)])),
  }));
  return { samples, sampleTypes, comments: profile.comment.map(text) };
}

/** Samples of the main thread: all of them where the profile does not tell threads apart. */
export function ofMainThread(profile: ProfileView): ProfileView {
  const samples = profile.samples.filter((sample) => (sample.labels['thread'] ?? 'main') === 'main');
  return { ...profile, samples };
}

/** The thread a sample is of, empty when the profile does not say. */
export const threadOf = (sample: Sample): string => sample.labels['thread'] ?? '';

/** Whether a function of this name is anywhere in the sample's stack. */
export const isInside = (sample: Sample, name: string): boolean => sample.frames.some((frame) => bareName(frame.name) === name);

const sourceFile = /\.[cm]?[jt]s$|^node:|^evalmachine|^eval at /;

/** A frame of JavaScript source, as opposed to builtins, C++ and pseudo frames such as `(garbage collector)`. */
export const isSourceFrame = (frame: Frame): boolean => sourceFile.test(frame.file);

/**
 * The frame to which a sample's time belongs: the innermost one of JavaScript source. Builtins, C++ and GC beneath
 * it were entered from there. `names` are functions that count as source although their script has no file (`eval`).
 */
export function ownerOf(sample: Sample, names?: ReadonlySet<string>): Frame | undefined {
  return sample.frames.find((frame) => isSourceFrame(frame) || names?.has(bareName(frame.name)));
}

/** The identifier in a V8 function name: `new Derived`, `get Base.prop` and `Base.prop` become the last word. */
export function bareName(name: string): string {
  if (name === '(anonymous)') return '<anonymous>';
  return /([^\s.]+)$/.exec(name.replace(/ \[as .*\]$/, ''))?.[1] ?? name;
}

export function sumBy(samples: readonly Sample[], value: (sample: Sample) => number): number {
  return samples.reduce((sum, sample) => sum + value(sample), 0);
}

export const cpuOf = (sample: Sample): number => sample.cpuNs;
export const countOf = (sample: Sample): number => sample.count;

/** `part` of `whole`, 0 when there is no whole. */
export const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);

/** The file's last path component, whatever form the profile gives it in. */
export const fileName = (file: string): string => basename(file.replace(/[?#].*$/, ''));

/** Values summed under each key; samples with an undefined key are left out. */
export function groupSum(
  samples: readonly Sample[],
  key: (sample: Sample) => string | undefined,
  value: (sample: Sample) => number = cpuOf,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const sample of samples) {
    const name = key(sample);
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + value(sample));
  }
  return sums;
}
