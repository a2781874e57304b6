import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react';
import type { Strings } from './english.ts';
import { type LoadedLanguage, loadLanguage } from './language-loader.ts';
import { type Locale, rememberLocale } from './preferred-locale.ts';

interface Language extends LoadedLanguage {
  /** Fetches the other language, then shows it: the page is never without texts. */
  readonly setLocale: (locale: Locale) => void;
}

const Context = createContext<Language | undefined>(undefined);

export function LanguageProvider(props: { readonly first: LoadedLanguage; readonly children: ReactNode }) {
  const { first, children } = props;
  const [shown, setShown] = useState(first);
  useEffect(() => {
    document.documentElement.lang = shown.locale;
  }, [shown]);
  const language = useMemo(
    () => ({
      ...shown,
      setLocale: (next: Locale) => {
        loadLanguage(next).then(
          (loaded) => {
            rememberLocale(next);
            setShown(loaded);
          },
          // The network is gone; what is shown stays.
          () => undefined,
        );
      },
    }),
    [shown],
  );
  return <Context value={language}>{children}</Context>;
}

export function useLanguage(): Language {
  return use(Context)!;
}

export function useStrings(): Strings {
  return useLanguage().strings;
}
