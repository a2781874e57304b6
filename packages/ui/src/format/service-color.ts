/** Hues that stay apart for most eyes; lightness and chroma are in CSS, so that both themes keep 3:1. */
const hues = [190, 265, 75, 330, 140, 225, 45, 300, 165, 20, 245, 110] as const;

/** A colour for a service, the same on every page. Colour is never the only sign: the name stands beside it. */
export function serviceColor(service: string): string {
  let hash = 0;
  for (let i = 0; i < service.length; i++) hash = (Math.imul(hash, 31) + service.charCodeAt(i)) | 0;
  return colorOf(hash >>> 0);
}

/** A colour for a line of a chart by its number, so that neighbours differ. */
export function seriesColor(index: number): string {
  return colorOf(index);
}

const dashes = [undefined, '6 3', '2 3', '8 3 2 3'] as const;

/** Where colours begin again, dashes tell the lines apart. */
export function seriesDash(index: number): string | undefined {
  return dashes[Math.floor(index / hues.length) % dashes.length];
}

function colorOf(number: number): string {
  const hue = hues[number % hues.length];
  return `light-dark(oklch(0.55 0.13 ${hue}), oklch(0.74 0.12 ${hue}))`;
}
