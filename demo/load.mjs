import { Agent, request } from 'node:http';

/** What the demo's clients ask for, and how often each in a round of 100 requests. */
const mix = [
  { share: 40, make: (n) => ({ path: `/products/p${(n * 37) % 2000 + 1}` }) },
  { share: 20, make: (n) => ({ path: `/catalog?page=${n % 20 + 1}` }) },
  { share: 20, make: (n) => ({ path: '/orders', body: orderBody(n) }) },
  { share: 8, make: () => ({ path: '/report' }) },
  { share: 6, make: (n) => ({ path: `/search?q=${['gardn latern', 'woden chair', 'silent radoi'][n % 3].replace(' ', '+')}` }) },
  { share: 6, make: (n) => ({ path: '/login', body: { user: `user${n % 50 + 1}`, password: `password${n % 50 + 1}` } }) },
];

/** The mix, spread evenly: no two costly requests in a row by accident. */
const round = mix
  .flatMap(({ share, make }) => Array.from({ length: share }, (_, i) => ({ make, at: (i + 0.5) / share })))
  .sort((a, b) => a.at - b.at)
  .map(({ make }) => make);

/**
 * Asks for one thing after the other on `connections` keep-alive connections until `seconds` have passed.
 * Resolves to the number of answers; rejects at the first answer that is not a success.
 */
export async function driveLoad({ port, seconds, connections, onProgress }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  let sent = 0;
  let answered = 0;
  const timer = setInterval(() => onProgress((performance.now() - startedMs) / 1000, answered), 100);
  const client = async () => {
    while (performance.now() < endMs) {
      const n = sent++;
      await ask(agent, port, round[n % round.length](n));
      answered++;
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, client));
    return answered;
  } finally {
    clearInterval(timer);
    agent.destroy();
  }
}

function ask(agent, port, { path, body }) {
  const json = body === undefined ? undefined : JSON.stringify(body);
  const method = json === undefined ? 'GET' : 'POST';
  const headers = json === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent }, (response) => {
      response.resume();
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode < 300) resolve();
        else reject(new Error(`${method} ${path} was answered with ${response.statusCode}`));
      });
    });
    outgoing.once('error', (error) => reject(new Error(`${method} ${path}: ${error.message}`, { cause: error })));
    outgoing.end(json);
  });
}

function orderBody(n) {
  return {
    customer: { name: `Customer ${n}`, email: `customer${n}@example.com` },
    items: Array.from({ length: n % 10 + 1 }, (_, i) => ({ product: `p${(n * 13 + i * 101) % 2000 + 1}`, quantity: i + 1 })),
  };
}
