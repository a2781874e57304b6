import { useEffect } from 'react';
import { useLoaded } from '../shell/use-loaded.ts';
import { useStrings } from '../strings/use-strings.tsx';

const loadPage = () => import('./sampling-page.tsx');

/** `/sampling`; its contents are not part of the first load. */
export function SamplingRoute() {
  const t = useStrings();
  const page = useLoaded(loadPage, true);
  useEffect(() => {
    document.title = `${t.sampling} · Spoor`;
  }, [t]);
  return (
    <div className="sp-page sm">
      {page === undefined ? <p className="sp-soft">{t.loading}</p> : <page.SamplingView />}
    </div>
  );
}
