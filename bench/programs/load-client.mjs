// Asks a service over kept connections, as lean as can be: raw sockets, requests that are written once, answers that are
// only counted. Either `requests` in all, one after the other on each connection, or `perSecond` for `seconds`.
import { connect } from 'node:net';
import { finish, readSettings } from './conversation.mjs';

const { port, connections = 8, requests = Infinity, perSecond, seconds } = readSettings();
const paths = ['/list', '/items/7', '/page', '/hash', '/items/42'];
const asked = paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\nhost: bench\r\n\r\n`));
const latencies = [];
let count = 0;

const sockets = await Promise.all(Array.from({ length: connections }, openSocket));
const began = performance.now();
if (perSecond === undefined) await Promise.all(sockets.map(askOneByOne));
else await askSteadily();
const wallMs = performance.now() - began;
for (const { socket } of sockets) socket.destroy();
latencies.sort((a, b) => a - b);
const at = (share) => latencies[Math.floor(share * (latencies.length - 1))];
finish({ requests: latencies.length, wallMs, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) });

async function askOneByOne(connection) {
  while (count < requests) await ask(connection);
}

/** The i-th request is due at i / perSecond; a connection that is behind leaves out what it missed. */
async function askSteadily() {
  const everyMs = (1000 * connections) / perSecond;
  await Promise.all(sockets.map(async (connection, i) => {
    for (let due = began + (i * everyMs) / connections; due < began + seconds * 1000; due += everyMs) {
      const waitMs = due - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      await ask(connection);
    }
  }));
}

async function ask(connection) {
  const sent = performance.now();
  connection.socket.write(asked[count++ % asked.length]);
  await new Promise((resolve) => (connection.answered = resolve));
  latencies.push(performance.now() - sent);
}

/** A connection whose `answered` is called at the end of each answer. All answers state their length. */
function openSocket() {
  return new Promise((resolve, reject) => {
    const connection = { socket: connect(port, '127.0.0.1'), answered: () => {} };
    let left = 0;
    connection.socket.setNoDelay(true).on('error', reject).on('connect', () => resolve(connection));
    connection.socket.on('data', (data) => {
      let body = data.length;
      if (left === 0) {
        const head = data.latin1Slice(0, Math.min(data.length, 1024));
        if (!head.startsWith('HTTP/1.1 200')) throw new Error(`the service answered ${head.slice(0, 80)}`);
        left = Number(/content-length: (\d+)/i.exec(head)[1]);
        body -= head.indexOf('\r\n\r\n') + 4;
      }
      left -= body;
      if (left === 0) connection.answered();
    });
  });
}
