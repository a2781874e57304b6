import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { english, type Strings } from './english.ts';
import { traditionalChinese } from './traditional-chinese.ts';

export type Locale = 'en' | 'zh-Hant';

interface Language {
  readonly locale: Locale;
  readonly strings: Strings;
  readonly setLocale: (locale: Locale) => void;
}

const Context = createContext<Language>({ locale: 'en', strings: english, setLocale: () => undefined });
const storageKey = 'spoor.locale';

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [locale, setLocale] = useState<Locale>(preferredLocale);
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const language = useMemo(
    () => ({
      locale,
      strings: locale === 'en' ? english : traditionalChinese,
      setLocale: (next: Locale) => {
        localStorage.setItem(storageKey, next);
        setLocale(next);
      },
    }),
    [locale],
  );
  return <Context value={language}>{children}</Context>;
}

export function useLanguage(): Language {
  return useContext(Context);
}

export function useStrings(): Strings {
  return useContext(Context).strings;
}

function preferredLocale(): Locale {
  const stored = localStorage.getItem(storageKey);
  if (stored === 'en' || stored === 'zh-Hant') return stored;
  return /^zh-(Hant|TW|HK|MO)/i.test(navigator.language) ? 'zh-Hant' : 'en';
}
