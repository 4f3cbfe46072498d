// An app that logs in each request, with the logger that APP_LOGGER names, and knows nothing of tracing. Writes its
// records to stderr as JSON; says its port; ends at SIGTERM.
'use strict';
const http = require('node:http');

/** Each gives its `(fields, message)`. */
const loggers = {
  pino() {
    const pino = require('pino');
    const log = pino(pino.destination({ fd: 2, sync: true }));
    return (fields, message) => log.info(fields, message);
  },
  winston() {
    const { createLogger, format, transports } = require('winston');
    const levels = ['info'];
    const log = createLogger({ format: format.json(), transports: [new transports.Console({ stderrLevels: levels })] });
    return (fields, message) => log.info(message, fields);
  },
};
const log = loggers[process.env.APP_LOGGER]();
const server = http.createServer((request, response) => {
  log({ path: request.url }, 'served');
  response.end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
