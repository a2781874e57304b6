import { useEffect } from 'react';
import { Link } from 'wouter';
import { useStrings } from '../strings/use-strings.tsx';
import { UploadButton } from '../upload/upload.tsx';
import { TestTraceButton } from './test-trace-button.tsx';
import { useStatus } from './overview-data.ts';
import { Notices } from './notices.tsx';
import { ReceiverTable, Refusals } from './receivers.tsx';

/** `/status`: why spans that should be here are not. */
export function StatusPage() {
  const t = useStrings();
  const { data, error } = useStatus();
  useEffect(() => {
    document.title = `${t.statusTitle} · Spoor`;
  }, [t]);
  return (
    <div className="sp-page ho-empty">
      <h1 className="sp-hidden">{t.statusTitle}</h1>
      {error !== null && <p className="sp-notice error">{error.message}</p>}
      {data === undefined ? (
        error === null && <p className="sp-soft">{t.loading}</p>
      ) : (
        <>
          <Refusals status={data} />
          <Notices status={data} />
          <ReceiverTable status={data} />
          <div className="ho-actions">
            <TestTraceButton isQuiet />
            <UploadButton className="sp-button" />
            <Link href="/sampling" className="sp-button">
              {t.sampling}
            </Link>
          </div>
        </>
      )}
    </div>
  );
}
