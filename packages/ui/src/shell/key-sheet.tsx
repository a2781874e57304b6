import { useEffect, useRef } from 'react';
import { useStrings } from '../strings/use-strings.tsx';

/** The list of keys, as a modal dialog. */
export function KeySheet({ onClose }: { readonly onClose: () => void }) {
  const t = useStrings();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const everywhere = [
    ['/', t.omnibox],
    ['?', t.keyHelp],
  ] as const;
  const inQuery = [
    ['↵', t.keyRun],
    ['Shift+↵', t.keyNewLine],
    ['Tab', t.keyTakeOffer],
    ['Ctrl+Space', t.keyOffers],
    ['Esc', t.keyLeave],
  ] as const;
  const inTrace = [
    ['k j ↑ ↓', t.keyRows],
    ['h l ← →', t.keyCollapse],
    [', .', t.keySiblings],
    ['n p', t.keyErrors],
    ['c', t.keyCritical],
    ['f 0', t.keyZoom],
    ['w s a d', t.keyPan],
    ['[ ]', t.keyCollapseAll],
    ['F', t.keyFind],
    ['↵', t.keyDetails],
    ['Esc', t.keyBack],
  ] as const;
  return (
    <dialog ref={dialog} className="sp-sheet" aria-labelledby="keys-title" onClose={onClose}>
      <header>
        <h2 id="keys-title">{t.keys}</h2>
        <button type="button" className="sp-button quiet" onClick={() => dialog.current?.close()}>
          {t.close}
        </button>
      </header>
      <KeyList title={t.keysGlobal} keys={everywhere} />
      <KeyList title={t.keysQuery} keys={inQuery} />
      <KeyList title={t.keysTrace} keys={inTrace} />
    </dialog>
  );
}

function KeyList({ title, keys }: { readonly title: string; readonly keys: readonly (readonly [string, string])[] }) {
  return (
    <>
      <h3>{title}</h3>
      <dl>
        {keys.map(([key, meaning]) => (
          <div key={key} style={{ display: 'contents' }}>
            <dt>
              {key.split(' ').map((part) => (
                <kbd key={part}>{part}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
