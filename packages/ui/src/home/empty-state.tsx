import { useState } from 'react';
import { useStrings } from '../strings/use-strings.tsx';
import { type Status, useStatus } from './overview-data.ts';
import { Notices } from './notices.tsx';
import { ReceiverCards, ReceiverTable, Refusals } from './receivers.tsx';
import { snippetsFor } from './snippets.ts';
import { UploadButton } from '../upload/upload.tsx';
import { TestTraceButton } from './test-trace-button.tsx';

/** What to see before the first span: where to send, what was refused and why, and how to begin. */
export function EmptyState() {
  const t = useStrings();
  const { data } = useStatus();
  return (
    <div className="sp-page ho-empty">
      <h1>{t.emptyTitle}</h1>
      <p className="sp-soft">{t.emptyIntro}</p>
      {data !== undefined && <ReceiverCards status={data} />}
      <div className="ho-actions">
        <TestTraceButton />
        <UploadButton className="sp-button" />
      </div>
      {data !== undefined && <Refusals status={data} />}
      {data !== undefined && <Notices status={data} />}
      {data !== undefined && <Snippets status={data} />}
      <RunDemo />
      {data !== undefined && <ReceiverTable status={data} />}
    </div>
  );
}

function portOf(status: Status, name: string, usual: number): number {
  return status.receivers.find((receiver) => receiver.name === name)?.port ?? usual;
}

const demoCommand = 'npm run demo';

/** A browser cannot start programs: the command is shown, to copy. */
function RunDemo() {
  const t = useStrings();
  return (
    <section className="sp-card">
      <h2>{t.runDemo}</h2>
      <p className="sp-soft">{t.runDemoHint}</p>
      <Copyable label={t.runDemo} text={demoCommand} />
    </section>
  );
}

function Copyable({ label, text }: { readonly label: string; readonly text: string }) {
  const t = useStrings();
  // What was copied, so that another text begins anew.
  const [copied, setCopied] = useState<string>();
  return (
    <div className="ho-snippet">
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <button
        type="button"
        className="sp-button"
        onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(text))}
      >
        {copied === text ? t.copied : t.copy}
      </button>
    </div>
  );
}

function Snippets({ status }: { readonly status: Status }) {
  const t = useStrings();
  const snippets = snippetsFor(location.hostname, portOf(status, 'otlp-http', 4318), portOf(status, 'otlp-grpc', 4317));
  const [chosen, setChosen] = useState(0);
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
            onClick={() => setChosen(index)}
          >
            {name}
          </button>
        ))}
      </div>
      <Copyable label={snippet.name} text={snippet.text} />
    </section>
  );
}
