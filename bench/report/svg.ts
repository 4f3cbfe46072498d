/** Pieces of an image that is readable on light and dark pages: no background, colours that change with the scheme. */

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] ?? character);

/** Colours of the variants in their order, the baseline grey; told apart also without colour by their order in the legend. */
const light = ['#7a7a7a', '#d9480f', '#5f3dc4', '#1971c2', '#2f9e44', '#a17800'];
const dark = ['#a0a0a0', '#ff8c42', '#b197fc', '#74c0fc', '#69db7c', '#ffd43b'];

const style = `<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 14px; font-weight: 600; }
.faint { fill: #656d76; }
.grid { stroke: #8c959f; stroke-opacity: .35; }
.whisker { stroke: #1f2328; }
${light.map((colour, i) => `.f${i} { fill: ${colour}; } .s${i} { stroke: ${colour}; fill: none; stroke-width: 2; }`).join('\n')}
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .faint { fill: #9198a1; } .whisker { stroke: #e6edf3; }
${dark.map((colour, i) => `.f${i} { fill: ${colour}; } .s${i} { stroke: ${colour}; }`).join('\n')}
}
</style>`;

export function svg(width: number, height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    style,
    text(0, 16, title, 'title'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

export function text(x: number, y: number, content: string, kind = '', anchor: 'start' | 'middle' | 'end' = 'start'): string {
  const attributes = `${kind === '' ? '' : ` class="${kind}"`}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}`;
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${escapeXml(content)}</text>`;
}

export const line = (x1: number, y1: number, x2: number, y2: number, kind: string): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${kind}"/>`;

export const rect = (x: number, y: number, width: number, height: number, kind: string): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(width, 0.5))}" height="${round(height)}" class="${kind}"/>`;

export const polyline = (points: readonly (readonly [number, number])[], kind: string): string =>
  `<polyline points="${points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')}" class="${kind}"/>`;

export const circle = (x: number, y: number, kind: string): string => `<circle cx="${round(x)}" cy="${round(y)}" r="3" class="${kind}"/>`;

export const round = (value: number): number => Math.round(value * 10) / 10;
