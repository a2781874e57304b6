/** `12.5 %`, `0.001 %`: three digits, however small. */
export function formatProbability(probability: number): string {
  return `${Number((probability * 100).toPrecision(3))} %`;
}
