import { useState } from 'react';
import { Link } from 'wouter';
import { formatCount } from '../format/number.ts';
import { useLanguage } from '../strings/use-strings.tsx';

/** Characters shown of a longer value before somebody asks for all: a megabyte of text would hold up the page. */
const shownMax = 2_000;

/** A value, which leads to traces that have the same; one too long for an address is only text. */
export function AttributeValue({ name, text }: { readonly name: string; readonly text: string }) {
  const { strings: t, locale } = useLanguage();
  const [isWhole, setWhole] = useState(false);
  if (text.length <= shownMax) {
    const href = `/search?q=${encodeURIComponent(`${name}=${JSON.stringify(text)}`)}`;
    return (
      <Link className="sd-value" title={t.tracesLikeThis} href={href}>
        {text}
      </Link>
    );
  }
  return (
    <>
      {isWhole ? text : `${text.slice(0, shownMax)}…`}{' '}
      {!isWhole && (
        <button type="button" className="sp-button" onClick={() => setWhole(true)}>
          {t.showWhole(formatCount(text.length, locale))}
        </button>
      )}
    </>
  );
}
