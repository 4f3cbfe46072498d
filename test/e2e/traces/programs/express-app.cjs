// An Express app that knows nothing of profiling. Says its port; ends at SIGTERM.
'use strict';
const express = require('express');

function burnExpress(ms) {
  const end = Date.now() + ms;
  let x = 0;
  while (Date.now() < end) x = (x * 31 + 7) | 0;
  return x;
}

const app = express();
app.get('/users/:id', (request, response) => {
  burnExpress(30);
  response.json({ id: request.params.id });
});
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
