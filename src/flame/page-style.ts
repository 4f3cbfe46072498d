/** The page's style sheet: both themes from one set of variables; `data-theme` is set by the script. */
export const pageStyle = `
:root { --back: #fff; --text: #1b1b1b; --soft: #5a5a5a; --line: #d5d5d5; --panel: #f6f6f6; --focus: #0072b2; }
[data-theme=dark] { --back: #16181c; --text: #f2f2f2; --soft: #b0b4ba; --line: #3a3e46; --panel: #1f2228; --focus: #56b4e9; }
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { display: grid; grid-template-rows: auto 1fr auto; background: var(--back); color: var(--text); font: 13px/1.4 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding: 8px 12px; border-bottom: 1px solid var(--line); background: var(--panel); }
h1 { margin: 0 8px 0 0; font-size: 14px; overflow-wrap: anywhere; }
[hidden] { display: none !important; }
input, select, button { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: 4px; padding: 3px 8px; max-width: 240px; }
button { cursor: pointer; } button[aria-pressed=true] { border-color: var(--focus); box-shadow: inset 0 0 0 1px var(--focus); }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
#search { width: 220px; }
main { display: grid; grid-template-columns: minmax(0, 1fr) clamp(260px, 32%, 560px); min-height: 0; }
#graph { position: relative; overflow: hidden auto; min-height: 0; }
#canvas { position: sticky; top: 0; display: block; } #spacer { position: absolute; top: 0; left: 0; width: 1px; pointer-events: none; }
aside { overflow: auto; border-left: 1px solid var(--line); min-height: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
thead th { position: sticky; top: 0; background: var(--panel); text-align: right; padding: 2px; } th:last-child { text-align: left; }
th button { border: 0; background: none; font-weight: 600; } th[aria-sort=descending] button { text-decoration: underline; }
td { padding: 2px 6px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); } td:last-child { text-align: left; white-space: normal; overflow-wrap: anywhere; }
tbody tr { cursor: pointer; } tbody tr:hover { background: var(--panel); } small { color: var(--soft); }
footer { display: flex; flex-wrap: wrap; gap: 4px 16px; justify-content: space-between; padding: 5px 12px; border-top: 1px solid var(--line); background: var(--panel); min-height: 30px; }
#legend { display: flex; flex-wrap: wrap; gap: 10px; color: var(--soft); } #legend i { display: inline-block; width: 12px; height: 12px; margin-right: 4px; vertical-align: -2px; border: 1px solid var(--line); }
#tip { position: fixed; z-index: 2; max-width: 70vw; padding: 3px 8px; border: 1px solid var(--line); border-radius: 4px; background: var(--back); pointer-events: none; overflow-wrap: anywhere; }
dialog { color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: 8px; max-width: 520px; } dt { font-weight: 600; } dd { margin: 0 0 6px; }
@media (max-width: 800px) { main { grid-template-columns: 1fr; grid-template-rows: 60% 40%; } aside { border-left: 0; border-top: 1px solid var(--line); } }
`;
