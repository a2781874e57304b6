import { inlineJson, type UiConfig } from './ui-config.ts';

/** What Jaeger's page is told about the program it runs on. */
export interface ForeignIndexFacts {
  readonly version: string;
  /** empty, or begins with a slash and does not end with one */
  readonly basePath: string;
  readonly uiConfig: UiConfig | undefined;
}

/** What this program can do of what the page asks about. */
const capabilities = Object.freeze({
  archiveStorage: true,
  metricsStorage: true,
  searchWithoutServiceName: true,
  aiAssistant: false,
});

/**
 * Fills in the places that Jaeger's `index.html` leaves for its server. Pages of any version are served: each has some of
 * these places, and what has none of them stays as it is.
 * Source: Jaeger v1.76 … v2.20, static_handler.go.
 */
export function fillForeignIndex(html: string, { version, basePath, uiConfig }: ForeignIndexFacts): string {
  const { archiveStorage, metricsStorage } = capabilities;
  const values: (readonly [place: RegExp, text: string])[] = [
    [/JAEGER_VERSION *= *DEFAULT_VERSION;/g, `JAEGER_VERSION = ${versionJson(version)};`],
    [
      /JAEGER_STORAGE_CAPABILITIES *= *DEFAULT_STORAGE_CAPABILITIES;/g,
      `JAEGER_STORAGE_CAPABILITIES = ${inlineJson({ archiveStorage, metricsStorage })};`,
    ],
    [
      /JAEGER_BACKEND_CAPABILITIES *= *DEFAULT_BACKEND_CAPABILITIES;/g,
      `JAEGER_BACKEND_CAPABILITIES = ${inlineJson(capabilities)};`,
    ],
    [
      /<base href="\/" data-inject-target="BASE_URL" ?\/?>/g,
      `<base href="${basePath}/" data-inject-target="BASE_URL"/>`,
    ],
  ];
  if (uiConfig?.kind === 'json') {
    values.push([/JAEGER_CONFIG *= *DEFAULT_CONFIG;/g, `JAEGER_CONFIG = ${uiConfig.text};`]);
  }
  if (uiConfig?.kind === 'js') values.push([/^\s*\/\/\s*JAEGER_CONFIG_JS.*\n.*/gim, uiConfig.text]);
  // By a function, since `$&` in a text would mean something to `replace`.
  return values.reduce((filled, [place, text]) => filled.replace(place, () => text), html);
}

function versionJson(version: string): string {
  return inlineJson({ gitCommit: '', gitVersion: `v${version}`, buildDate: '' });
}
