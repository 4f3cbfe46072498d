/// <reference lib="dom" />
import type { FlameLayout } from '../../analyze/flame-layout.ts';
import type { FlameView, Hit, Pane } from './flame-view.ts';

export interface KeyActions {
  readonly search: HTMLInputElement;
  zoom(hit: Hit): void;
  moved(hit: Hit): void;
  reset(): void;
  sandwich(): void;
  theme(): void;
  help(): void;
}

/** Arrow keys walk the frames of the graph; the rest is in the page's help. */
export function handleKeys(view: FlameView, actions: KeyActions): void {
  actions.search.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') actions.reset();
    if (event.key === 'Escape' || event.key === 'Enter') view.canvas.focus();
  });
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    const isControl = ['INPUT', 'SELECT', 'DIALOG'].includes(target.tagName);
    if (isControl || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actionOf(event.key, view, actions);
    // Rows and buttons have their own Enter.
    if (action === undefined || (event.key === 'Enter' && target !== view.canvas && target !== document.body)) return;
    event.preventDefault();
    action();
  });
}

function actionOf(key: string, view: FlameView, actions: KeyActions): (() => void) | undefined {
  const moves: Readonly<Record<string, Move>> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };
  const move = moves[key];
  if (move !== undefined) {
    return () => {
      const hit = neighbour(view, move);
      if (hit === undefined) return;
      view.select(hit);
      actions.moved(hit);
    };
  }
  switch (key) {
    case '/': return () => actions.search.focus();
    case 'Enter': return () => (view.selected === undefined ? undefined : actions.zoom(view.selected));
    case 'Escape': case '0': return () => actions.reset();
    case 's': return () => actions.sandwich();
    case 't': return () => actions.theme();
    case '?': return () => actions.help();
    default: return undefined;
  }
}

type Move = 'up' | 'down' | 'left' | 'right';

function neighbour(view: FlameView, move: Move): Hit | undefined {
  const hit = view.selected ?? view.zoomed;
  if (hit === undefined) return view.firstHit();
  const { pane, node } = hit;
  const { layout } = pane;
  const parent = layout.tree.parent[node] ?? -1;
  // Towards the leaves is down, except where flames grow up.
  const towards: Move = pane.up ? 'up' : 'down';
  const to = move === 'left' || move === 'right' ? sibling(layout, parent, node, move)
    : move === towards ? layout.firstChild[node] ?? -1 : parent;
  return to < 0 ? undefined : at(pane, to);
}

function sibling(layout: FlameLayout, parent: number, node: number, move: 'left' | 'right'): number {
  if (move === 'right') return layout.nextSibling[node] ?? -1;
  let before = -1;
  for (let child = parent < 0 ? -1 : layout.firstChild[parent] ?? -1; child >= 0 && child !== node; child = layout.nextSibling[child] ?? -1) before = child;
  return before;
}

function at(pane: Pane, node: number): Hit {
  return { pane, node };
}
