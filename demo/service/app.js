import { fileURLToPath } from 'node:url';

import { Eta } from 'eta';
import express from 'express';

import { createAccounts } from './accounts.js';
import { createCatalog } from './catalog.js';
import { etag } from './etag.js';
import { placeOrder } from './orders.js';
import { salesReport } from './report.js';
import { parseLogin, parseOrder, parseSearch } from './schemas.js';
import { search } from './search.js';

const jsonLimit = '64kb';

/** A small web shop: what it sells, orders, accounts, a report. All of it in memory. */
export function createApp() {
  const catalog = createCatalog(2000);
  const accounts = createAccounts(50);
  const views = new Eta({ views: fileURLToPath(new URL('./views', import.meta.url)), cache: true });

  const app = express();
  app.disable('x-powered-by');
  app.set('etag', etag);
  app.use(express.json({ limit: jsonLimit }));

  app.get('/health', (_request, response) => {
    response.json({ ok: true });
  });

  app.get('/products/:id', (request, response) => {
    const product = catalog.byId(request.params.id);
    if (product === undefined) return response.status(404).json({ error: 'no such product' });
    return response.json(product);
  });

  app.get('/search', (request, response) => {
    const { q, limit } = parseSearch(request.query);
    response.json({ query: q, results: search(catalog.products, q, limit) });
  });

  app.get('/catalog', (request, response) => {
    const page = catalog.page(Number(request.query.page ?? 1), 100);
    response.type('html').send(views.render('./catalog', page));
  });

  app.post('/orders', (request, response) => {
    const order = parseOrder(request.body);
    response.status(201).json(placeOrder(catalog, order));
  });

  app.post('/login', (request, response) => {
    const { user, password } = parseLogin(request.body);
    if (!accounts.verify(user, password)) return response.status(401).json({ error: 'wrong user or password' });
    return response.json({ user, token: accounts.issueToken(user) });
  });

  app.get('/report', (_request, response) => {
    response.json(salesReport(catalog.products));
  });

  app.use((error, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error.name === 'ZodError' ? 400 : (error.status ?? 500);
    return response.status(status).json({ error: status === 500 ? 'internal error' : error.message });
  });
  return app;
}
