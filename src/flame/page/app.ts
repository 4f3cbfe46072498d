/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { frameKinds, type FlameData } from '../../analyze/flame-data.ts';
import { flameLayout, type FlameWidth } from '../../analyze/flame-layout.ts';
import { flameTree, frameSums, sandwichTrees, type FlameTree, type FrameSums } from '../../analyze/flame-tree.ts';
import { formatPercent, formatValue } from '../../analyze/format-value.ts';
import { oneLine, placeText } from '../../analyze/text.ts';
import { changeColor, changeOf, kindColor, palettes, type Palette, type Theme } from './palette.ts';
import { FlameView, type FrameStyle, type Hit, type Pane } from './flame-view.ts';
import { handleKeys } from './keys.ts';
import { readData } from './read-data.ts';
import { TopTable } from './top-table.ts';

/** More values than this in a list help nobody. */
const mostLabels = 2000;

class App {
  readonly #data: FlameData;
  readonly #view: FlameView;
  readonly #table: TopTable;
  #type: number;
  #label: { key: string; value: string | undefined } | undefined;
  #width: FlameWidth = 'head';
  #byShare = false;
  #tree: FlameTree;
  #sums: readonly FrameSums[] = [];
  /** The frame whose callers and callees are shown; undefined for the whole graph. */
  #sandwich: number | undefined;
  #matches: Uint8Array | undefined;
  #palette: Palette = palettes.light;

  constructor(data: FlameData) {
    this.#data = data;
    this.#type = data.defaultType;
    this.#tree = flameTree(data, { type: this.#type });
    this.#view = new FlameView(byId('graph'), byId<HTMLCanvasElement>('canvas'), byId('spacer'), {
      style: (pane, node) => this.#style(pane, node),
      colors: () => this.#palette,
      onHover: (hit, x, y) => this.#hover(hit, x, y),
      onClick: (hit) => this.#pick(hit),
    });
    this.#table = new TopTable(byId<HTMLTableElement>('top'), {
      hasBase: data.hasBase,
      name: (frame) => this.#name(frame),
      place: (frame) => placeText(data.frames.file[frame] ?? '', data.frames.line[frame] ?? 0),
      value: (amount) => this.#value(amount),
      onPick: (frame) => this.#showSandwich(frame),
    });
    this.#wire();
    this.#applyTheme();
    this.#select();
  }

  #wire(): void {
    const { types, hasBase } = this.#data;
    const type = byId<HTMLSelectElement>('type');
    type.append(...types.map((each, index) => option(String(index), `${each.type} (${each.unit})`)));
    type.value = String(this.#type);
    type.addEventListener('change', () => {
      this.#type = Number(type.value);
      this.#select();
    });
    this.#wireLabels();
    const search = byId<HTMLInputElement>('search');
    search.addEventListener('input', () => this.#search(search.value));
    for (const element of document.querySelectorAll<HTMLElement>('.diff')) element.hidden = !hasBase;
    byId<HTMLSelectElement>('width').addEventListener('change', (event) => {
      this.#width = (event.target as HTMLSelectElement).value === 'base' ? 'base' : 'head';
      this.#show();
    });
    byId<HTMLSelectElement>('compare').addEventListener('change', (event) => {
      this.#byShare = (event.target as HTMLSelectElement).value === 'share';
      this.#view.redraw();
    });
    byId('reset').addEventListener('click', () => this.#reset());
    byId('sandwich').addEventListener('click', () => this.#toggleSandwich());
    byId('theme').addEventListener('click', () => this.#toggleTheme());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#applyTheme());
    handleKeys(this.#view, {
      search,
      zoom: (hit) => this.#pick(hit),
      moved: (hit) => this.#say(this.#describe(hit)),
      reset: () => this.#reset(),
      sandwich: () => this.#toggleSandwich(),
      theme: () => this.#toggleTheme(),
      help: () => byId<HTMLDialogElement>('help').showModal(),
    });
    byId('help-button').addEventListener('click', () => byId<HTMLDialogElement>('help').showModal());
  }

  #wireLabels(): void {
    const select = byId<HTMLSelectElement>('label');
    const byKey = new Map<string, Set<string>>();
    for (const [key, value] of this.#data.labelSets.flat()) byKey.set(key, (byKey.get(key) ?? new Set()).add(value));
    select.hidden = byKey.size === 0;
    select.append(option('', 'all labels'));
    for (const [key, values] of [...byKey].sort(([a], [b]) => a.localeCompare(b))) {
      const group = document.createElement('optgroup');
      group.label = key;
      const shown = [...values].sort((a, b) => a.localeCompare(b)).slice(0, mostLabels);
      group.append(...shown.map((value) => option(JSON.stringify([key, value]), `${key}=${oneLine(value)}`)));
      group.append(option(JSON.stringify([key]), `no ${key}`));
      select.append(group);
    }
    select.addEventListener('change', () => {
      const [key, value] = (select.value === '' ? [] : JSON.parse(select.value)) as [key?: string, value?: string];
      this.#label = key === undefined ? undefined : { key, value };
      this.#select();
    });
  }

  /** After another type or label. */
  #select(): void {
    this.#tree = flameTree(this.#data, { type: this.#type, label: this.#label });
    this.#sums = frameSums(this.#tree, this.#data.frames.name.length);
    this.#showTable();
    this.#show();
  }

  #showTable(): void {
    const matches = this.#matches;
    this.#table.show(this.#sums, (frame) => matches === undefined || matches[frame] === 1);
  }

  #show(): void {
    const panes: Pane[] = [];
    if (this.#sandwich === undefined) {
      panes.push({ layout: flameLayout(this.#tree, this.#width), topRow: 0, up: false });
    } else {
      const { callers, callees } = sandwichTrees(this.#tree, this.#sandwich);
      const above = flameLayout(callers, this.#width);
      panes.push({ layout: above, topRow: above.rows - 1, up: true });
      panes.push({ layout: flameLayout(callees, this.#width), topRow: above.rows - 1, up: false });
    }
    byId('tip').hidden = true;
    this.#view.show(panes);
    byId('sandwich').setAttribute('aria-pressed', String(this.#sandwich !== undefined));
    this.#sayTotal();
  }

  #showSandwich(frame: number): void {
    this.#sandwich = frame;
    this.#show();
    this.#say(`${this.#name(frame)}: callers above, callees below`);
  }

  #toggleSandwich(): void {
    if (this.#sandwich !== undefined) {
      this.#sandwich = undefined;
      this.#show();
      return;
    }
    const hit = this.#view.selected ?? this.#view.zoomed;
    const frame = hit === undefined ? -1 : hit.pane.layout.tree.frame[hit.node] ?? -1;
    if (frame < 0) this.#say('Select a function first: click it, or use the arrow keys');
    else this.#showSandwich(frame);
  }

  #reset(): void {
    byId<HTMLInputElement>('search').value = '';
    this.#search('');
    const wasSandwich = this.#sandwich !== undefined;
    this.#sandwich = undefined;
    if (wasSandwich) this.#show();
    this.#view.zoom(undefined);
    this.#view.select(undefined);
    this.#sayTotal();
  }

  #pick(hit: Hit): void {
    this.#view.select(hit);
    this.#view.zoom(hit);
    this.#say(this.#describe(hit));
  }

  #search(text: string): void {
    const { name, file } = this.#data.frames;
    if (text === '') {
      this.#matches = undefined;
      this.#sayTotal();
    } else {
      const accepts = matcher(text);
      this.#matches = Uint8Array.from(name, (each, frame) => (accepts(each) || accepts(file[frame] ?? '') ? 1 : 0));
      const count = this.#matches.reduce((all, each) => all + each, 0);
      const share = this.#matchedShare(this.#matches);
      this.#say(`${count} ${count === 1 ? 'function matches' : 'functions match'}, ${formatPercent(share * 100)} of the time beneath them`);
    }
    this.#showTable();
    this.#view.redraw();
  }

  /** Of the total: what lies beneath a match, nested matches once. */
  #matchedShare(matches: Uint8Array): number {
    const { parent, frame, head } = this.#tree;
    const beneath = new Uint8Array(parent.length);
    let matched = 0;
    for (let node = 1; node < parent.length; node++) {
      const above = beneath[parent[node] ?? 0] === 1;
      const here = matches[frame[node] ?? -1] === 1;
      if (here && !above) matched += head[node] ?? 0;
      beneath[node] = above || here ? 1 : 0;
    }
    return matched / (head[0] || 1);
  }

  #style({ layout: { tree } }: Pane, node: number): FrameStyle {
    const frame = tree.frame[node] ?? -1;
    const palette = this.#palette;
    const isMatch = this.#matches?.[frame] === 1;
    const { change, mark } = this.#change(tree, node);
    const plain = this.#data.hasBase ? changeColor(palette, change)
      : frame < 0 ? palette.faint : kindColor(palette, this.#data.frames.kind[frame] ?? 0);
    const fill = isMatch ? palette.match : this.#matches === undefined ? plain : palette.faint;
    return { fill, text: palette.text, label: `${mark}${this.#name(frame)}`, isMatch };
  }

  #change(tree: FlameTree, node: number): { change: number; mark: string } {
    if (!this.#data.hasBase) return { change: 0, mark: '' };
    const [baseTotal, headTotal] = this.#byShare ? [this.#tree.base[0] || 1, this.#tree.head[0] || 1] : [1, 1];
    const change = changeOf((tree.base[node] ?? 0) / baseTotal, (tree.head[node] ?? 0) / headTotal);
    return { change, mark: change > 0 ? '▲ ' : change < 0 ? '▼ ' : '' };
  }

  #describe({ pane: { layout: { tree } }, node }: Hit): string {
    const frame = tree.frame[node] ?? -1;
    const { file, line, kind } = this.#data.frames;
    const total = this.#tree.head[0] || 1;
    const head = tree.head[node] ?? 0;
    const place = placeText(file[frame] ?? '', line[frame] ?? 0);
    const parts = [
      `${this.#name(frame)}${place === '' ? '' : ` ${place}`}`,
      frame < 0 ? '' : ` [${frameKinds[kind[frame] ?? 0] ?? ''}]`,
      `: ${this.#value(head)} (${formatPercent((head / total) * 100)})`,
    ];
    if (this.#data.hasBase) {
      const base = tree.base[node] ?? 0;
      const relative = base === 0 ? 'new' : `${head >= base ? '+' : ''}${formatPercent(((head - base) / base) * 100)}`;
      parts.push(`, base ${this.#value(base)} (${formatPercent((base / (this.#tree.base[0] || 1)) * 100)}), ${relative}`);
    }
    return parts.join('');
  }

  #hover(hit: Hit | undefined, x: number, y: number): void {
    const tip = byId('tip');
    tip.hidden = hit === undefined;
    if (hit === undefined) return;
    tip.textContent = this.#describe(hit);
    tip.style.left = `${Math.min(x + 12, innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${y + 40 > innerHeight ? y - 34 : y + 16}px`;
  }

  #sayTotal(): void {
    const total = `${this.#data.types[this.#type]?.type ?? ''}: ${this.#value(this.#tree.head[0] ?? 0)}`;
    const base = this.#data.hasBase ? `, base ${this.#value(this.#tree.base[0] ?? 0)}` : '';
    this.#say(`${total}${base}, ${this.#data.frames.name.length} functions, ${this.#tree.parent.length - 1} call paths`);
  }

  #say(text: string): void {
    byId('status').textContent = text;
  }

  #name(frame: number): string {
    return frame < 0 ? 'all' : oneLine(this.#data.frames.name[frame] ?? '') || '(anonymous)';
  }

  #value(amount: number): string {
    const unit = this.#data.types[this.#type]?.unit ?? '';
    return formatValue(unit === 'count' ? Math.round(amount * 10) / 10 : amount, unit);
  }

  #toggleTheme(): void {
    document.documentElement.dataset['theme'] = currentTheme() === 'dark' ? 'light' : 'dark';
    this.#applyTheme();
  }

  #applyTheme(): void {
    const theme = currentTheme();
    this.#palette = palettes[theme];
    document.documentElement.style.colorScheme = theme;
    document.body.dataset['theme'] = theme;
    this.#showLegend();
    this.#view.redraw();
  }

  #showLegend(): void {
    const swatches: (readonly [color: string, text: string])[] = this.#data.hasBase
      ? [[changeColor(this.#palette, -1), '▼ less than base'], [changeColor(this.#palette, 0), 'same'], [changeColor(this.#palette, 1), '▲ more than base']]
      : frameKinds.map((kind, index) => [kindColor(this.#palette, index), kind]);
    byId('legend').replaceChildren(...swatches.map(([color, text]) => {
      const item = document.createElement('span');
      const swatch = document.createElement('i');
      swatch.style.background = color;
      item.append(swatch, text);
      return item;
    }));
  }
}

function currentTheme(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** A regular expression where the text is one, else plain text; upper and lower case alike. */
function matcher(text: string): (name: string) => boolean {
  try {
    const expression = new RegExp(text, 'i');
    return (name) => expression.test(name);
  } catch {
    return (name) => name.toLowerCase().includes(text.toLowerCase());
  }
}

function option(value: string, text: string): HTMLOptionElement {
  const element = document.createElement('option');
  element.value = value;
  element.textContent = text;
  return element;
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the page's own elements: who asks knows
function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

new App(await readData('data'));
document.documentElement.dataset['ready'] = 'true';
