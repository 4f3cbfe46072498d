// Burns in WebAssembly. Arguments: `named` or `stripped`; `compiled` or, to go by a stream, `streamed`.
import { burn, report } from '../burn.cjs';
import { makeModule } from './module.mjs';

const [names, way] = process.argv.slice(2);
const bytes = makeModule({ withNames: names === 'named' });
const imports = { host: { tick: hostWork } };
const { exports: wasm } =
  way === 'streamed'
    ? (await WebAssembly.instantiateStreaming(new Response(bytes, { headers: { 'content-type': 'application/wasm' } }), imports)).instance
    : new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);

function hostWork(n) {
  let h = 0;
  for (let i = 0; i < n; i++) h = (h + Math.sqrt(i ^ h)) | 0;
  return h;
}
const unit = 2000;
function inRender(n) { let s = 0; for (let i = 0; i < n; i++) s ^= wasm.render(unit); return s; }
function inHost(n) { let s = 0; for (let i = 0; i < n; i++) s ^= wasm.calls_host(unit); return s; }
function inTiny(n) { let s = 0; for (let i = 0; i < n; i++) s ^= wasm.calls_tiny(unit); return s; }
function inCopies(n) { let s = 0; for (let i = 0; i < n; i++) s ^= wasm.copies(16); return s; }
function inIndirect(n) { let s = 0; for (let i = 0; i < n; i++) s ^= wasm.indirect(unit); return s; }
function inDeep(n) { let s = 0; for (let i = 0; i < n; i++) s ^= wasm.deep(unit * 256 + 60); return s; }
function inPlain(n) { let s = 0; for (let i = 0; i < n; i++) for (let k = 0; k < unit; k++) s = (s * 31 + k) | 0; return s; }

await burn([
  { name: 'inRender', share: 0.25, fn: inRender },
  { name: 'inHost', share: 0.15, fn: inHost },
  { name: 'inTiny', share: 0.15, fn: inTiny },
  { name: 'inCopies', share: 0.1, fn: inCopies },
  { name: 'inIndirect', share: 0.1, fn: inIndirect },
  { name: 'inDeep', share: 0.1, fn: inDeep },
  { name: 'inPlain', share: 0.15, fn: inPlain },
]);
report();
