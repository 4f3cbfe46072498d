/// <reference lib="dom" />
import { nodeAt, visitVisible, type FlameLayout } from '../../analyze/flame-layout.ts';

export const rowHeight = 18;
/** Narrower frames than this many pixels are not drawn. */
const leastPixels = 0.6;
const textPadding = 3;
/** Frames narrower than this have no room for text. */
const leastTextPixels = 24;

/** One tree within a view: flames grow down from `topRow`, or with `up` from `topRow` up to row 0. */
export interface Pane {
  readonly layout: FlameLayout;
  readonly topRow: number;
  readonly up: boolean;
}

export interface FrameStyle { readonly fill: string; readonly text: string; readonly label: string; readonly isMatch: boolean }

export interface Hit { readonly pane: Pane; readonly node: number }

export interface ViewCallbacks {
  style(pane: Pane, node: number): FrameStyle;
  colors(): { readonly background: string; readonly outline: string };
  onHover(hit: Hit | undefined, x: number, y: number): void;
  onClick(hit: Hit): void;
}

/**
 * Draws trees on a canvas as large as what can be seen, whatever their size: a frame costs time only while it is at
 * least `leastPixels` wide and in a visible row. `host` scrolls.
 */
export class FlameView {
  readonly canvas: HTMLCanvasElement;
  readonly #host: HTMLElement;
  readonly #spacer: HTMLElement;
  readonly #callbacks: ViewCallbacks;
  #panes: readonly Pane[] = [];
  #zoom: Hit | undefined;
  #selected: Hit | undefined;
  #isScheduled = false;

  constructor(host: HTMLElement, canvas: HTMLCanvasElement, spacer: HTMLElement, callbacks: ViewCallbacks) {
    this.#host = host;
    this.canvas = canvas;
    this.#spacer = spacer;
    this.#callbacks = callbacks;
    host.addEventListener('scroll', () => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(host);
    canvas.addEventListener('mousemove', (event) => callbacks.onHover(this.#hitAt(event), event.clientX, event.clientY));
    canvas.addEventListener('mouseleave', () => callbacks.onHover(undefined, 0, 0));
    canvas.addEventListener('click', (event) => {
      const hit = this.#hitAt(event);
      if (hit !== undefined) callbacks.onClick(hit);
    });
  }

  show(panes: readonly Pane[]): void {
    this.#panes = panes;
    this.#zoom = undefined;
    this.#selected = undefined;
    const rows = Math.max(1, ...panes.map(({ layout, topRow, up }) => (up ? topRow + 1 : topRow + layout.rows)));
    this.#spacer.style.height = `${rows * rowHeight}px`;
    this.redraw();
  }

  /** Where the arrow keys begin: the root. */
  firstHit(): Hit | undefined {
    const pane = this.#panes.at(-1);
    return pane === undefined ? undefined : { pane, node: 0 };
  }

  get zoomed(): Hit | undefined {
    return this.#zoom;
  }

  /** Makes the node as wide as the view; undefined shows all. */
  zoom(hit: Hit | undefined): void {
    this.#zoom = hit;
    this.redraw();
  }

  get selected(): Hit | undefined {
    return this.#selected;
  }

  select(hit: Hit | undefined): void {
    this.#selected = hit;
    if (hit !== undefined) this.#scrollTo(rowOf(hit.pane, hit.node));
    this.redraw();
  }

  redraw(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#draw();
    });
  }

  #draw(): void {
    const started = performance.now();
    const { clientWidth, clientHeight, scrollTop } = this.#host;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(clientWidth * scale);
    this.canvas.height = Math.round(clientHeight * scale);
    this.canvas.style.width = `${clientWidth}px`;
    this.canvas.style.height = `${clientHeight}px`;
    const context = this.canvas.getContext('2d', { alpha: false });
    if (context === null) return;
    context.scale(scale, scale);
    context.fillStyle = this.#callbacks.colors().background;
    context.fillRect(0, 0, clientWidth, clientHeight);
    context.translate(0, -scrollTop);
    context.font = '12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';
    context.textBaseline = 'middle';
    const characterWidth = context.measureText('m').width;
    let drawn = 0;
    for (const pane of this.#panes) drawn += this.#drawPane(context, pane, clientWidth, characterWidth);
    // For measurements and tests: what a redraw costs and how much it shows.
    this.canvas.dataset['drawn'] = String(drawn);
    this.canvas.dataset['drawMs'] = (performance.now() - started).toFixed(2);
  }

  #drawPane(context: CanvasRenderingContext2D, pane: Pane, width: number, characterWidth: number): number {
    const { layout, up, topRow } = pane;
    const { from, to } = this.#range(pane);
    const perPixel = (to - from) / width;
    const { scrollTop, clientHeight } = this.#host;
    const firstVisible = Math.floor(scrollTop / rowHeight) - 1;
    const lastVisible = Math.ceil((scrollTop + clientHeight) / rowHeight);
    const lastRow = up ? topRow - firstVisible : lastVisible - topRow;
    let drawn = 0;
    visitVisible(layout, { from, to, least: leastPixels * perPixel, lastRow }, (node) => {
      const row = rowOf(pane, node);
      // The root of the callers is the same frame as that of the callees.
      if (row < firstVisible || row > lastVisible || (up && node === 0)) return;
      const x = Math.max(0, ((layout.start[node] ?? 0) - from) / perPixel);
      const end = Math.min(width, ((layout.start[node] ?? 0) + (layout.width[node] ?? 0) - from) / perPixel);
      drawn += 1;
      this.#drawFrame(context, pane, node, x, row * rowHeight, end - x, characterWidth);
    });
    return drawn;
  }

  #drawFrame(context: CanvasRenderingContext2D, pane: Pane, node: number, x: number, y: number, width: number, characterWidth: number): void {
    const { fill, text, label, isMatch } = this.#callbacks.style(pane, node);
    const gap = width > 3 ? 1 : 0;
    context.fillStyle = fill;
    context.fillRect(x, y, Math.max(0.5, width - gap), rowHeight - 1);
    const isSelected = this.#selected?.pane === pane && this.#selected.node === node;
    if (isMatch || isSelected) {
      context.strokeStyle = this.#callbacks.colors().outline;
      context.lineWidth = isSelected ? 2 : 1;
      context.strokeRect(x + 1, y + 1, Math.max(0.5, width - gap - 2), rowHeight - 3);
    }
    if (width < leastTextPixels) return;
    const room = Math.floor((width - 2 * textPadding) / characterWidth);
    context.fillStyle = text;
    context.fillText(label.length <= room ? label : `${label.slice(0, Math.max(0, room - 1))}…`, x + textPadding, y + rowHeight / 2);
  }

  #range(pane: Pane): { from: number; to: number } {
    const { layout } = pane;
    const node = this.#zoom?.pane === pane ? this.#zoom.node : 0;
    const from = layout.start[node] ?? 0;
    return { from, to: from + Math.max(Number.MIN_VALUE, layout.width[node] ?? 0) };
  }

  #hitAt(event: MouseEvent): Hit | undefined {
    const box = this.canvas.getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top + this.#host.scrollTop) / rowHeight);
    for (const pane of this.#panes) {
      const depth = pane.up ? pane.topRow - row : row - pane.topRow;
      if (depth < 0 || depth >= pane.layout.rows) continue;
      const { from, to } = this.#range(pane);
      const node = nodeAt(pane.layout, from + ((event.clientX - box.left) / box.width) * (to - from), depth);
      if (node >= 0) return { pane, node };
    }
    return undefined;
  }

  #scrollTo(row: number): void {
    const { scrollTop, clientHeight } = this.#host;
    if (row * rowHeight < scrollTop) this.#host.scrollTop = row * rowHeight;
    else if ((row + 1) * rowHeight > scrollTop + clientHeight) this.#host.scrollTop = (row + 1) * rowHeight - clientHeight;
  }
}

export function rowOf({ layout, topRow, up }: Pane, node: number): number {
  const depth = layout.depth[node] ?? 0;
  return up ? topRow - depth : topRow + depth;
}
