import { createHmac } from 'node:crypto';

const signingKey = 'not-a-secret';
let lastNumber = 0;

/** Prices an order and signs it, so that its receipt can be checked later. */
export function placeOrder(catalog, { customer, items }) {
  const lines = items.map(({ product: id, quantity }) => {
    const product = catalog.byId(id);
    if (product === undefined) throw Object.assign(new Error(`no such product: ${id}`), { status: 400 });
    return { product: id, quantity, cents: quantity * product.cents };
  });
  const order = { number: ++lastNumber, customer, lines, cents: lines.reduce((sum, line) => sum + line.cents, 0) };
  return { ...order, signature: sign(order) };
}

function sign(order) {
  return createHmac('sha256', signingKey).update(JSON.stringify(order)).digest('base64url');
}
