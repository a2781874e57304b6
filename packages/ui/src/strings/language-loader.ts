import type { Strings } from './english.ts';
import type { Locale } from './preferred-locale.ts';

/** A language and its texts. */
export interface LoadedLanguage {
  readonly locale: Locale;
  readonly strings: Strings;
}

const loaders: Readonly<Record<Locale, () => Promise<Strings>>> = {
  en: () => import('./english.ts').then((file) => file.english),
  'zh-Hant': () => import('./traditional-chinese.ts').then((file) => file.traditionalChinese),
};

/** @throws when the network is gone, or the server has another version of the page by now */
export async function loadLanguage(locale: Locale): Promise<LoadedLanguage> {
  return { locale, strings: await loaders[locale]() };
}
