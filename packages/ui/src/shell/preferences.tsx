import { useState } from 'react';
import { LanguageIcon, ThemeIcon } from './icons.tsx';
import { useLanguage } from '../strings/use-strings.tsx';

const themes = ['auto', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

/** Goes round the system's theme, light and dark. `early.ts` reads the same key. */
export function ThemeButton() {
  const { strings: t } = useLanguage();
  const [theme, setTheme] = useState<Theme>(
    () => (document.documentElement.dataset['theme'] as Theme | undefined) ?? 'auto',
  );
  const labels = { auto: t.themeAuto, light: t.themeLight, dark: t.themeDark };
  const change = (): void => {
    const next = themes[(themes.indexOf(theme) + 1) % themes.length];
    localStorage.setItem('spoor.theme', next);
    if (next === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = next;
    setTheme(next);
  };
  const label = `${t.theme}: ${labels[theme]}`;
  return (
    <button type="button" className="sp-icon" title={label} aria-label={label} onClick={change}>
      <ThemeIcon theme={theme} />
    </button>
  );
}

export function LanguageButton() {
  const { locale, strings: t, setLocale } = useLanguage();
  return (
    <button
      type="button"
      className="sp-icon"
      title={t.language}
      aria-label={`${t.language}: ${locale === 'en' ? '繁體中文' : 'English'}`}
      onClick={() => setLocale(locale === 'en' ? 'zh-Hant' : 'en')}
    >
      <LanguageIcon />
    </button>
  );
}
