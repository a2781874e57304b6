/** Languages of the page, as BCP 47 tags. */
export type Locale = 'en' | 'zh-Hant';

const storageKey = 'spoor.locale';

/** The reader's choice, else the browser's language. Used before the first paint too (`early.ts`). */
export function preferredLocale(): Locale {
  const stored = localStorage.getItem(storageKey);
  if (stored === 'en' || stored === 'zh-Hant') return stored;
  return /^zh-(Hant|TW|HK|MO)/i.test(navigator.language) ? 'zh-Hant' : 'en';
}

export function rememberLocale(locale: Locale): void {
  localStorage.setItem(storageKey, locale);
}
