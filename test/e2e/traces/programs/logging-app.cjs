// An app that logs with pino in each request, and knows nothing of tracing. Says its port; ends at SIGTERM.
'use strict';
const http = require('node:http');
const pino = require('pino');

const log = pino(pino.destination({ fd: 2, sync: true }));
const server = http.createServer((request, response) => {
  log.info({ path: request.url }, 'served');
  response.end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
