import { useState } from 'react';
import { formatCount } from '../format/number.ts';
import { formatAgo } from '../format/time.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import { type Status, useStatus } from './overview-data.ts';
import { snippetsFor } from './snippets.ts';
import { UploadButton } from '../upload/upload.tsx';
import { TestTraceButton } from './test-trace-button.tsx';

/** What to see before the first span: where to send, what was refused and why, and how to begin. */
export function EmptyState() {
  const { strings: t } = useLanguage();
  const { data } = useStatus();
  return (
    <div className="sp-page ho-empty">
      <h1>{t.emptyTitle}</h1>
      <p className="sp-soft">{t.emptyIntro}</p>
      {data !== undefined && <Receivers status={data} />}
      <div className="ho-actions">
        <TestTraceButton />
        <UploadButton className="sp-button" />
      </div>
      {data !== undefined && data.refusals.length > 0 && <Refusals status={data} />}
      {data !== undefined && <Snippets status={data} />}
    </div>
  );
}

function portOf(status: Status, protocol: string, usual: number): number {
  return status.receivers.find((receiver) => receiver.protocol === protocol)?.port ?? usual;
}

function Receivers({ status }: { readonly status: Status }) {
  const { strings: t, locale } = useLanguage();
  return (
    <ul className="ho-ports">
      {status.receivers.map(({ protocol, port, requestCount }) => (
        <li key={protocol} className="sp-card">
          <strong>{protocol}</strong>
          <code>
            {location.hostname}:{port}
          </code>
          <span className="ho-listening">✓ {t.listening}</span>
          <span className="sp-soft">
            {requestCount === 0 ? t.noRequests : t.requests(formatCount(requestCount, locale))}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Refusals({ status }: { readonly status: Status }) {
  const { strings: t, locale } = useLanguage();
  return (
    <section className="sp-notice error">
      <h2>{t.rejected}</h2>
      <ul>
        {status.refusals.toReversed().map(({ what, reason, count, lastMilli }) => (
          <li key={`${what} ${reason}`}>
            {reason}{' '}
            <span className="sp-soft">
              × {count}, {formatAgo(lastMilli, locale)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Snippets({ status }: { readonly status: Status }) {
  const { strings: t } = useLanguage();
  const snippets = snippetsFor(location.hostname, portOf(status, 'OTLP HTTP', 4318), portOf(status, 'OTLP gRPC', 4317));
  const [chosen, setChosen] = useState(0);
  const [isCopied, setCopied] = useState(false);
  const snippet = snippets[chosen];
  return (
    <section className="sp-card">
      <h2>{t.howToSend}</h2>
      <div className="ho-tabs" role="tablist" aria-label={t.howToSend}>
        {snippets.map(({ name }, index) => (
          <button
            key={name}
            type="button"
            role="tab"
            className="sp-button"
            aria-selected={index === chosen}
            onClick={() => {
              setChosen(index);
              setCopied(false);
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div className="ho-snippet">
        <pre tabIndex={0} aria-label={snippet.name}>
          {snippet.text}
        </pre>
        <button
          type="button"
          className="sp-button"
          onClick={() => void navigator.clipboard?.writeText(snippet.text).then(() => setCopied(true))}
        >
          {isCopied ? t.copied : t.copy}
        </button>
      </div>
    </section>
  );
}
