// Starts the shop: PORT and HOST from the environment, a clean stop on SIGTERM and SIGINT.
import { createApp } from './app.js';

const host = process.env.HOST ?? '127.0.0.1';
const port = Number(process.env.PORT ?? 3000);

const server = createApp().listen(port, host, (error) => {
  if (error) {
    const reason = error.code === 'EADDRINUSE' ? 'the port is taken, choose another with PORT=' : error.message;
    console.error(`shop: cannot listen on ${host}:${port}: ${reason}`);
    process.exitCode = 1;
    return;
  }
  console.log(`shop: listening on http://${host}:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    // Answers what was asked already, takes nothing new; the process ends when nothing is left to do.
    server.close();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 2000).unref();
  });
}
