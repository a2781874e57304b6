import { basePath } from '../api/http.ts';

/** The page of a service. */
export function serviceHref(name: string): string {
  return `/service/${encodeURIComponent(name)}`;
}

/** The name in the address, which the router has half decoded: a name may have slashes and percent signs. */
export function serviceOfAddress(): string {
  const text = location.pathname.slice(`${basePath}/service/`.length);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
