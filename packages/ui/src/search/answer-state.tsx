import { formatCompact, formatCount } from '../format/number.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import type { AnswerRun, GrowingAnswer } from './growing-answer.ts';

/** How far a query is, with the button that ends it; nothing once it is through. Comes late, so that quick answers do not flash. */
export function AnswerProgress(props: { readonly answer: GrowingAnswer | undefined; readonly run: AnswerRun }) {
  const { answer, run } = props;
  const { strings: t, locale } = useLanguage();
  if (!run.isRunning) return null;
  const progress = answer?.progress;
  return (
    <div className="se-progress">
      <progress aria-label={t.progress} max={progress?.sourceCount ?? 1} value={progress?.doneSourceCount} />
      <span className="sp-soft">
        {progress === undefined ? t.searching : t.readSoFar(formatCompact(progress.spanCount, locale))}
      </span>
      <button type="button" className="sp-button" onClick={run.stop}>
        {t.stop}
      </button>
    </div>
  );
}

/** Why an answer is not the whole one, and what else is to be said about it. */
export function AnswerNotes({ answer }: { readonly answer: GrowingAnswer }) {
  const { strings: t, locale } = useLanguage();
  const { isStopped, incomplete, progress, warnings } = answer;
  return (
    <>
      {isStopped === true && (
        <p className="sp-notice">
          {t.stoppedAnswer(
            formatCount(progress?.doneSourceCount ?? 0, locale),
            progress && formatCount(progress.sourceCount, locale),
          )}
        </p>
      )}
      {incomplete !== undefined && <p className="sp-notice">{t.incompleteAnswer(incomplete)}</p>}
      {warnings.map((warning) => (
        <p key={warning} className="sp-notice">
          {warning}
        </p>
      ))}
    </>
  );
}
