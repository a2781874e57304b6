import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useStrings } from '../strings/use-strings.tsx';
import { KeySheet } from './key-sheet.tsx';
import { isTyping } from './is-typing.ts';
import { LanguageButton, ThemeButton } from './preferences.tsx';
import { Omnibox, useOpenText } from './omnibox.tsx';
import { Pages } from './pages.tsx';
import { useScrollMemory } from './use-scroll-memory.ts';
import { useIsNarrow } from './use-is-narrow.ts';

/** The frame of every page: one bar, the content, and on narrow screens the tabs below. */
export function Shell() {
  const t = useStrings();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const isNarrow = useIsNarrow();
  useGlobalKeys(() => setHelpOpen(true));
  const main = useRef<HTMLElement>(null);
  useScrollMemory(main);
  return (
    <div className="sp-shell">
      <a className="sp-skip" href="#content" onClick={focusContent}>
        {t.skipToContent}
      </a>
      <header className="sp-bar">
        <Link href="/" className="sp-brand" aria-label="Spoor">
          <PawMark />
          <span>Spoor</span>
        </Link>
        {!isNarrow && <Navigation />}
        <Omnibox />
        <div className="sp-tools">
          <LanguageButton />
          <ThemeButton />
          <button
            type="button"
            className="sp-icon"
            title={`${t.keys} (?)`}
            aria-label={t.keys}
            onClick={() => setHelpOpen(true)}
          >
            ?
          </button>
        </div>
      </header>
      <main ref={main} className="sp-main" id="content" tabIndex={-1}>
        <Pages />
      </main>
      {isNarrow && <Navigation />}
      {isHelpOpen && <KeySheet onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

function Navigation() {
  const t = useStrings();
  const [location] = useLocation();
  const entries = [
    ['/', t.home],
    ['/search', t.search],
    ['/services', t.services],
    ['/map', t.map],
  ] as const;
  return (
    <nav className="sp-nav" aria-label="Spoor">
      {entries.map(([href, label]) => (
        <Link key={href} href={href} aria-current={location === href ? 'page' : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}

function focusContent(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

/** `?` opens the sheet, `/` goes to the box, and a trace id pasted anywhere opens its trace. */
function useGlobalKeys(openHelp: () => void): void {
  const open = useOpenText();
  const latest = useRef({ open, openHelp });
  latest.current = { open, openHelp };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      if (event.key === '?') latest.current.openHelp();
      else if (event.key === '/') document.querySelector<HTMLInputElement>('.sp-omnibox input')?.focus();
      else return;
      event.preventDefault();
    };
    const onPaste = (event: ClipboardEvent): void => {
      if (isTyping(event)) return;
      latest.current.open(event.clipboardData?.getData('text') ?? '', true);
    };
    addEventListener('keydown', onKey);
    addEventListener('paste', onPaste);
    return () => {
      removeEventListener('keydown', onKey);
      removeEventListener('paste', onPaste);
    };
  }, []);
}

/** A paw print: what a spoor is. */
function PawMark() {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <ellipse cx="8" cy="11" rx="4" ry="3.4" />
      <circle cx="3" cy="6.4" r="1.7" />
      <circle cx="6.4" cy="3.4" r="1.7" />
      <circle cx="9.6" cy="3.4" r="1.7" />
      <circle cx="13" cy="6.4" r="1.7" />
    </svg>
  );
}
