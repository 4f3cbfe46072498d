/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { FrameSums } from '../../analyze/flame-tree.ts';

/** More rows help nobody: the search narrows them. */
const mostRows = 500;

export type SortKey = 'flat' | 'cum' | 'delta' | 'name';

export interface TopTableOptions {
  readonly hasBase: boolean;
  readonly name: (frame: number) => string;
  readonly place: (frame: number) => string;
  readonly value: (amount: number) => string;
  readonly onPick: (frame: number) => void;
}

/** The functions beside the graph. Sorted by a click on a heading; Enter or a click on a row picks the function. */
export class TopTable {
  readonly #head: HTMLTableSectionElement;
  readonly #body: HTMLTableSectionElement;
  readonly #options: TopTableOptions;
  #rows: readonly FrameSums[] = [];
  #accepts: (frame: number) => boolean = () => true;
  #sort: SortKey;

  constructor(table: HTMLTableElement, options: TopTableOptions) {
    this.#options = options;
    this.#head = table.createTHead();
    this.#body = table.createTBody();
    this.#sort = options.hasBase ? 'delta' : 'flat';
    const columns: readonly (readonly [SortKey, string])[] = [
      ['flat', 'Self'], ['cum', 'Total'], ...(options.hasBase ? [['delta', 'Δ self'] as const] : []), ['name', 'Function'],
    ];
    const line = this.#head.insertRow();
    for (const [key, title] of columns) {
      const cell = document.createElement('th');
      const button = document.createElement('button');
      button.textContent = title;
      button.addEventListener('click', () => {
        this.#sort = key;
        this.#render();
      });
      cell.dataset['key'] = key;
      cell.append(button);
      line.append(cell);
    }
  }

  show(rows: readonly FrameSums[], accepts: (frame: number) => boolean): void {
    this.#rows = rows;
    this.#accepts = accepts;
    this.#render();
  }

  #render(): void {
    for (const cell of this.#head.querySelectorAll('th')) {
      cell.setAttribute('aria-sort', cell.dataset['key'] === this.#sort ? 'descending' : 'none');
    }
    const rows = this.#rows.filter(({ frame }) => this.#accepts(frame)).sort((a, b) => this.#compare(a, b));
    this.#body.replaceChildren(...rows.slice(0, mostRows).map((row) => this.#line(row)));
  }

  #compare(a: FrameSums, b: FrameSums): number {
    if (this.#sort === 'name') return compareText(this.#options.name(a.frame), this.#options.name(b.frame));
    if (this.#sort === 'delta') return Math.abs(b.flat - b.baseFlat) - Math.abs(a.flat - a.baseFlat);
    return b[this.#sort] - a[this.#sort];
  }

  #line(row: FrameSums): HTMLTableRowElement {
    const { name, place, value, hasBase, onPick } = this.#options;
    const line = document.createElement('tr');
    line.tabIndex = 0;
    const delta = row.flat - row.baseFlat;
    const mark = delta > 0 ? '▲ +' : delta < 0 ? '▼ ' : '';
    for (const text of [value(row.flat), value(row.cum), ...(hasBase ? [`${mark}${value(delta)}`] : [])]) {
      line.insertCell().textContent = text;
    }
    const cell = line.insertCell();
    const strong = document.createElement('b');
    strong.textContent = name(row.frame);
    const small = document.createElement('small');
    small.textContent = place(row.frame);
    cell.append(strong, ' ', small);
    line.addEventListener('click', () => onPick(row.frame));
    line.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') onPick(row.frame);
    });
    return line;
  }
}

/** By code units: the locale's order takes seconds for 50,000 names. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
