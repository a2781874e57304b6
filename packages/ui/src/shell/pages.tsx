import { useEffect, useMemo } from 'react';
import { Link, useLocation } from 'wouter';
import { useStrings } from '../strings/use-strings.tsx';
import { loadPagesWhenIdle, usePage } from './page-loader.ts';
import { pageAddress } from './page-name.ts';

/** The page that the address asks for. */
export function Pages() {
  const [path] = useLocation();
  const address = useMemo(() => pageAddress(path), [path]);
  const Page = usePage(address?.page);
  useEffect(loadPagesWhenIdle, []);
  if (address === undefined) return <NoSuchPage />;
  if (Page === 'failed') return <Unreachable />;
  // Nothing while it comes, some milliseconds: a word of waiting would only flash.
  return Page === undefined ? undefined : <Page detail={address.detail} />;
}

function NoSuchPage() {
  const t = useStrings();
  return (
    <div className="sp-page">
      <h1>{t.notFoundTitle}</h1>
      <p className="sp-soft">{t.notFoundBody}</p>
      <p>
        <Link href="/">{t.home}</Link>
      </p>
    </div>
  );
}

function Unreachable() {
  const t = useStrings();
  return (
    <div className="sp-page">
      <p className="sp-notice error">{t.unreachable}</p>
      <button type="button" className="sp-button" onClick={() => location.reload()}>
        {t.retry}
      </button>
    </div>
  );
}
