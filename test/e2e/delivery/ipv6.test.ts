import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';

import { nodesUnderTest } from '../../support/node-versions.ts';
import { runProgram } from '../../support/run-program.ts';

const register = new URL('../../../dist/register.js', import.meta.url).href;
const program = fileURLToPath(new URL('programs/work.cjs', import.meta.url));
/** Each way to name a backend at an IPv6 address. */
const ways: readonly (readonly [string, (port: number) => Record<string, string>])[] = [
  ['an Agent host', (port) => ({ DD_AGENT_HOST: '::1', DD_TRACE_AGENT_PORT: String(port) })],
  ['an Agent host in brackets', (port) => ({ DD_AGENT_HOST: '[::1]', DD_TRACE_AGENT_PORT: String(port) })],
  ['the URL of an Agent', (port) => ({ DD_TRACE_AGENT_URL: `http://[::1]:${port}` })],
  ['an OTLP endpoint', (port) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://[::1]:${port}` })],
  ['a Pyroscope server', (port) => ({ PYROSCOPE_SERVER_ADDRESS: `http://[::1]:${port}/` })],
  ['HOTSPAN_EXPORT', (port) => ({ HOTSPAN_EXPORT: `otlp:http://[::1]:${port}` })],
];
const hasIpv6 = Object.values(networkInterfaces()).flat().some((address) => address?.address === '::1');

for (const node of nodesUnderTest()) {
  (hasIpv6 ? describe : describe.skip)(`backends at IPv6 addresses, on Node ${node.version}`, () => {
    let server: Server;
    let hosts: (string | undefined)[];
    beforeEach(async () => {
      hosts = [];
      server = createServer((request, response) => {
        hosts.push(request.headers.host);
        request.resume().on('end', () => response.end());
      });
      server.listen(0, '::1');
      await once(server, 'listening');
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });

    for (const [title, environment] of ways) {
      it(`delivers to ${title}`, async () => {
        const { port } = server.address() as AddressInfo;
        const env = { ...environment(port), HOTSPAN_SPOOL: 'off', HOTSPAN_TRACES: 'off' };
        const run = await runProgram({ node: node.path, args: ['--import', register, program], env, timeoutMs: 30_000 });
        assert.deepEqual([run.code, run.stderr], [0, '']);
        assert.deepEqual(hosts, [`[::1]:${port}`]);
      });
    }
  });
}
