/** The `limit` products whose name is closest to `query`, typing errors forgiven. */
export function search(products, query, limit) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return products
    .map((product) => ({ product, score: scoreOf(product, words) }))
    .sort((a, b) => a.score - b.score || a.product.cents - b.product.cents)
    .slice(0, limit)
    .map(({ product, score }) => ({ id: product.id, name: product.name, cents: product.cents, score }));
}

function scoreOf(product, words) {
  let score = 0;
  for (const word of words) score += Math.min(...product.tags.map((tag) => editDistance(word, tag)));
  return score;
}

/** Levenshtein's distance, one row at a time. */
export function editDistance(a, b) {
  const row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j];
      const change = a[i - 1] === b[j - 1] ? diagonal : diagonal + 1;
      row[j] = Math.min(change, above + 1, row[j - 1] + 1);
      diagonal = above;
    }
  }
  return row[b.length];
}
