import { frameKinds } from '../../analyze/flame-data.ts';

export type Theme = 'light' | 'dark';

export interface Palette {
  readonly background: string;
  readonly text: string;
  readonly faint: string;
  readonly outline: string;
  readonly match: string;
  readonly kinds: readonly string[];
  readonly neutral: Rgb;
  /** Cost more in head: vermilion. Less: blue. The pair of Okabe and Ito that every kind of colour vision tells apart. */
  readonly more: Rgb;
  readonly less: Rgb;
}

type Rgb = readonly [red: number, green: number, blue: number];

/** In the order of `frameKinds`. Kinds differ in lightness too, and the status line names them. */
const lightKinds = ['#f2b872', '#9cc3e6', '#a9d6c5', '#d9cdee', '#cfcfcf', '#e39ab6'];
const darkKinds = ['#a86a22', '#3b6f9c', '#3b7a66', '#6f5a96', '#5c5c5c', '#96446a'];

export const palettes: Readonly<Record<Theme, Palette>> = {
  light: {
    background: '#ffffff', text: '#1b1b1b', faint: '#efefef', outline: '#000000', match: '#f0e442',
    kinds: lightKinds, neutral: [222, 222, 222], more: [213, 94, 0], less: [0, 114, 178],
  },
  dark: {
    background: '#16181c', text: '#f2f2f2', faint: '#2a2d33', outline: '#ffffff', match: '#b5a900',
    kinds: darkKinds, neutral: [72, 74, 80], more: [224, 112, 32], less: [44, 128, 200],
  },
};

/** `#rrggbb` of a kind of frame. */
export function kindColor(palette: Palette, kind: number): string {
  return palette.kinds[kind] ?? palette.kinds[frameKinds.indexOf('native')] ?? palette.faint;
}

/** A change from -1 (gone) over 0 (none) to 1 (new) as a colour. */
export function changeColor({ neutral, more, less }: Palette, change: number): string {
  const target = change > 0 ? more : less;
  // The root makes a change of 10% visible without making all large ones equal.
  const part = Math.sqrt(Math.min(1, Math.abs(change)));
  const mix = (index: 0 | 1 | 2): number => Math.round(neutral[index] + (target[index] - neutral[index]) * part);
  return `rgb(${mix(0)} ${mix(1)} ${mix(2)})`;
}

/** -1 to 1: the difference as a part of the larger of the two. Below 2% it is none. */
export function changeOf(base: number, head: number): number {
  const larger = Math.max(base, head);
  const change = larger <= 0 ? 0 : (head - base) / larger;
  return Math.abs(change) < 0.02 ? 0 : change;
}
