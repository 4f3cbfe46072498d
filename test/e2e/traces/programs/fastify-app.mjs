// A Fastify app of ES modules that knows nothing of profiling. Says its port; ends at SIGTERM.
import Fastify from 'fastify';

function burnFastify(ms) {
  const end = Date.now() + ms;
  let x = 0;
  while (Date.now() < end) x = (x * 31 + 7) | 0;
  return x;
}

const app = Fastify();
app.get('/users/:id', async (request) => {
  burnFastify(30);
  return { id: request.params.id };
});
await app.listen({ port: 0, host: '127.0.0.1' });
console.log(app.server.address().port);
process.once('SIGTERM', () => void app.close());
