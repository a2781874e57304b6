/** A line through heights, in the units of the drawing. A height alone between gaps is a short dash, or it would not be seen. */
export function linePath(heights: readonly (number | undefined)[], x: (interval: number) => number): string {
  return heights
    .map((y, i) => {
      if (y === undefined) return '';
      const isStart = heights[i - 1] === undefined;
      if (isStart && heights[i + 1] === undefined) return `M${(x(i) - 2).toFixed(1)} ${y.toFixed(1)}h4`;
      return `${isStart ? 'M' : 'L'}${x(i).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
