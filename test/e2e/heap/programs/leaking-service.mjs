// A service with a cache that nobody ever empties: each request adds an entry. Answers some requests of its own, takes
// two captures on the way when it is asked to, and ends.
import { writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';

const [, , requests = '3000', captures] = process.argv;
const cache = new Map();

function rememberSession(id) {
  cache.set(id, { id, seen: new Date(0), pages: Array.from({ length: 1500 }, (_, i) => i + id) });
}
function render(id) {
  const rows = [];
  for (let i = 0; i < 50; i++) rows.push(`<li>${id} of ${i}</li>`);
  return rows.join('\n');
}

const server = createServer((request, response) => {
  const id = Number(request.url.slice(1));
  rememberSession(id);
  response.end(render(id));
}).listen(0, '127.0.0.1', async () => {
  await serve(Number(requests) / 2, 0);
  if (captures !== undefined) await takeCapture('first');
  await serve(Number(requests) / 2, Number(requests));
  if (captures !== undefined) await takeCapture('second');
  server.close();
  server.closeAllConnections();
});

async function serve(count, from) {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => {
      get({ port: server.address().port, host: '127.0.0.1', path: `/${from + i}`, agent: false }, (response) =>
        response.resume().on('end', resolve),
      );
    });
  }
}

async function takeCapture(name) {
  const { capture } = await import('hotspan');
  globalThis.gc?.();
  const { heap } = await capture({ seconds: 0.01, profiles: ['heap'] });
  writeFileSync(`${captures}/${name}.pb.gz`, heap);
}
