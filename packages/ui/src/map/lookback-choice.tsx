import { useStrings } from '../strings/use-strings.tsx';
import { lookbackMilli } from './map-data.ts';

/** How far back to look; empty for everything stored. */
export function LookbackChoice({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const t = useStrings();
  return (
    <label className="mp-field">
      <span>{t.lookback}</span>
      <select className="sp-input" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t.allTime}</option>
        {Object.keys(lookbackMilli).map((lookback) => (
          <option key={lookback} value={lookback}>
            {t.last(lookback)}
          </option>
        ))}
      </select>
    </label>
  );
}
