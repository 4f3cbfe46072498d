/**
 * Theil-Sen: the median of the slopes between all pairs of points. A few outliers, such as a collection that came late,
 * do not move it. NaN with fewer than two points.
 */
export function robustSlope(points: readonly (readonly [x: number, y: number])[]): number {
  const slopes: number[] = [];
  points.forEach(([x1, y1], i) => {
    for (const [x2, y2] of points.slice(i + 1)) if (x2 !== x1) slopes.push((y2 - y1) / (x2 - x1));
  });
  slopes.sort((a, b) => a - b);
  return ((slopes[slopes.length >> 1] ?? NaN) + (slopes[(slopes.length - 1) >> 1] ?? NaN)) / 2;
}
