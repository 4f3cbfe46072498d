const adjectives = ['plain', 'folding', 'garden', 'travel', 'winter', 'wooden', 'silent', 'striped', 'heavy', 'copper'];
const things = ['kettle', 'lantern', 'chair', 'notebook', 'bicycle', 'blanket', 'radio', 'basket', 'ladder', 'umbrella'];
const makers = ['Ostby', 'Larkin', 'Fenwick', 'Moreau', 'Tanaka'];

/** `size` products, the same at every start. */
export function createCatalog(size) {
  const products = Array.from({ length: size }, (_, index) => createProduct(index));
  const index = new Map(products.map((product) => [product.id, product]));
  return {
    products,
    byId: (id) => index.get(id),
    page(number, perPage) {
      const pages = Math.ceil(products.length / perPage);
      const current = Math.min(Math.max(1, Math.trunc(number) || 1), pages);
      return { current, pages, products: products.slice((current - 1) * perPage, current * perPage) };
    },
  };
}

function createProduct(index) {
  const adjective = adjectives[index % adjectives.length];
  const thing = things[Math.floor(index / adjectives.length) % things.length];
  const maker = makers[(index * 7) % makers.length];
  return {
    id: `p${index + 1}`,
    name: `${maker} ${adjective} ${thing} ${index + 1}`,
    maker,
    cents: 500 + ((index * 7919) % 20_000),
    stock: (index * 31) % 97,
    sold: Array.from({ length: 12 }, (_, month) => (index * 13 + month * 17) % 41),
    tags: [adjective, thing, maker.toLowerCase()],
  };
}
