/** Sales by maker and month. */
export function salesReport(products) {
  const byMaker = {};
  for (const product of products) {
    const months = (byMaker[product.maker] ??= new Array(12).fill(0));
    byMaker[product.maker] = addMonths(months, product);
  }
  return Object.entries(byMaker).map(([maker, months]) => ({ maker, months, cents: total(months) }));
}

function addMonths(months, { sold, cents }) {
  return months.map((sum, month) => sum + sold[month] * cents);
}

function total(months) {
  return months.reduce((sum, month) => sum + month, 0);
}
