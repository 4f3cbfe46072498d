import type { FlameData } from '../analyze/flame-data.ts';
import { gzipBytes } from './gzip-bytes.ts';
import { pageStyle } from './page-style.ts';

export interface FlamePage {
  /** Shown above the graph and as the document's title. */
  readonly title: string;
  readonly data: FlameData;
  /** From `pageScript()`. */
  readonly script: string;
}

/** One HTML file that needs nothing else: it makes no request, and its policy forbids any. */
export async function renderFlamePage({ title, data, script }: FlamePage): Promise<string> {
  const bytes = await gzipBytes(JSON.stringify(data));
  const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
${body(title)}
<script type="application/octet-stream" id="data">${Buffer.from(bytes).toString('base64')}</script>
<script type="module">
${script}
</script>
</body>
</html>
`;
}

function body(title: string): string {
  return `<header>
<h1>${escapeHtml(title)}</h1>
<input id="search" type="search" placeholder="Search (/)" aria-label="Search functions and files: text or regular expression" spellcheck="false">
<select id="type" aria-label="Sample type"></select>
<select id="label" aria-label="Only samples with this label"></select>
<select id="width" class="diff" aria-label="Whose values make the width"><option value="head">width: head</option><option value="base">width: base</option></select>
<select id="compare" class="diff" aria-label="How base and head are compared"><option value="value">compare values</option><option value="share">compare shares</option></select>
<button id="sandwich" aria-pressed="false" title="Callers and callees of the selected function (s)">Sandwich</button>
<button id="reset" title="Show all (Esc)">Reset</button>
<button id="theme" title="Light or dark (t)">Theme</button>
<button id="help-button" title="Keys (?)">?</button>
</header>
<main>
<div id="graph"><div id="spacer"></div><canvas id="canvas" tabindex="0" role="application" aria-label="Flame graph. Arrow keys walk the frames, Enter zooms; the status line tells the frame." aria-describedby="status"></canvas></div>
<aside><table id="top" aria-label="Functions"></table></aside>
</main>
<footer><span id="status" role="status"></span><span id="legend"></span></footer>
<div id="tip" hidden></div>
<dialog id="help"><form method="dialog"><dl>
<dt>/</dt><dd>search by text or regular expression, in names and files</dd>
<dt>arrow keys</dt><dd>walk the frames</dd>
<dt>Enter or click</dt><dd>zoom into a frame</dd>
<dt>s, or a row of the table</dt><dd>sandwich: callers above, callees below, over all places the function is called from</dd>
<dt>Esc or 0</dt><dd>show all again</dd>
<dt>t</dt><dd>light or dark</dd>
</dl><button>Close</button></form></dialog>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
