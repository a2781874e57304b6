import { formatCount } from '../format/number.ts';
import { formatAgo } from '../format/time.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import type { ReceiverPort, Refusal, Status } from './overview-data.ts';
import { fixOf, shownBytes } from './refusal-fix.ts';

/** The two ports that most people want. */
export function ReceiverCards({ status }: { readonly status: Status }) {
  const { strings: t, locale } = useLanguage();
  return (
    <ul className="ho-ports">
      {status.receivers
        .filter(({ name }) => name.startsWith('otlp-'))
        .map(({ name, title, port, requestCount }) => (
          <li key={name} className="sp-card">
            <strong>{title}</strong>
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

/** What was refused, with the last example and what to do. Nothing when nothing was. */
export function Refusals({ status }: { readonly status: Status }) {
  const { strings: t } = useLanguage();
  const refusing = status.receivers.filter(({ refusals }) => refusals.length > 0);
  if (refusing.length === 0) return null;
  return (
    <section className="sp-notice error ho-refusals">
      <h2>{t.rejected}</h2>
      {refusing.map(({ name, title, port, refusals }) => (
        <div key={name}>
          <h3>
            {title} · {port}
          </h3>
          <ul>
            {refusals.map((refusal) => (
              <RefusalItem key={`${refusal.reason} ${refusal.message}`} refusal={refusal} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function RefusalItem({ refusal }: { readonly refusal: Refusal }) {
  const { strings: t, locale } = useLanguage();
  const { reason, message, count, lastMilli, sender, firstBytesHex } = refusal;
  return (
    <li>
      {message}{' '}
      <span className="sp-soft">
        <code>{reason}</code> × {formatCount(count, locale)}, {formatAgo(lastMilli, locale)}
        {sender !== undefined && `, ${t.refusalFrom(sender)}`}
        {firstBytesHex !== undefined && (
          <>
            . {t.refusalBytes('')}
            <code>{shownBytes(firstBytesHex)}</code>
          </>
        )}
      </span>
      <br />
      <strong>{t.fix}:</strong> {fixOf(refusal, t)}
    </li>
  );
}

/** Every port and what came to it. */
export function ReceiverTable({ status }: { readonly status: Status }) {
  const { strings: t, locale } = useLanguage();
  return (
    <section className="sp-card">
      <h2>{t.statusTitle}</h2>
      <p className="sp-soft">{t.statusIntro}</p>
      <ul className="ho-receivers">
        {status.receivers.map((receiver) => {
          const { name, title, port, requestCount, spanCount, lastAcceptedMilli, refusals, takesSpans } = receiver;
          const refused = refusals.reduce((sum, { count }) => sum + count, 0);
          return (
            <li key={name}>
              <span>{title}</span>
              <code>{port ?? ''}</code>
              <PortState receiver={receiver} />
              <span className="sp-soft">
                {!takesSpans
                  ? t.samplingPort
                  : requestCount === 0
                    ? t.noRequests
                    : `${t.requests(formatCount(requestCount, locale))}, ${t.spans(formatCount(spanCount, locale))}`}
                {lastAcceptedMilli !== undefined && `, ${t.lastAccepted(formatAgo(lastAcceptedMilli, locale))}`}
                {refused > 0 && <span className="sp-error"> · {t.refusedCount(formatCount(refused, locale))}</span>}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function PortState({ receiver: { state } }: { readonly receiver: ReceiverPort }) {
  const { strings: t } = useLanguage();
  if (state === 'listening') return <span className="ho-listening">✓ {t.listening}</span>;
  if (state === 'off') return <span className="sp-soft">– {t.notListeningOff}</span>;
  return <span className="sp-error">✗ {t.notListeningTaken}</span>;
}
