import { useEffect, useMemo } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { useStrings } from '../strings/use-strings.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { loadPagesWhenIdle, usePage } from './page-loader.ts';
import { pageAddress } from './page-name.ts';

/** The page that the address asks for. */
export function Pages() {
  const [path] = useLocation();
  const search = useSearch();
  const address = useMemo(() => pageAddress(path), [path]);
  const Page = usePage(address?.page);
  useEffect(loadPagesWhenIdle, []);
  if (address === undefined) return <NoSuchPage />;
  if (Page === 'failed') return <Unreachable />;
  // Nothing while it comes, some milliseconds: a word of waiting would only flash.
  return (
    <ErrorBoundary resetKey={`${path}?${search}`} onError={(error) => <Failed error={error} />}>
      {Page !== undefined && <Page detail={address.detail} />}
    </ErrorBoundary>
  );
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

function Failed({ error }: { readonly error: unknown }) {
  const t = useStrings();
  return (
    <div className="sp-page">
      <p className="sp-notice error" role="alert">
        {t.pageFailed} {error instanceof Error ? error.message : String(error)}
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
