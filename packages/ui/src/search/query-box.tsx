import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef, useState } from 'react';
import { useStrings } from '../strings/use-strings.tsx';
import { completed, completionContext } from './completion-context.ts';
import { useChoices } from './use-choices.ts';

/** Offsets into the text. */
export interface TextSelection {
  readonly start: number;
  readonly end: number;
}

/** The query as words, with names and values offered while typing: the combobox pattern of the ARIA practices. */
export function QueryBox(props: {
  readonly value: string;
  /** where the caret goes at first; not focused without */
  readonly focusAt: TextSelection | undefined;
  readonly isInvalid: boolean;
  readonly messageId: string;
  readonly onChange: (value: string) => void;
  readonly onSelect: (selection: TextSelection) => void;
}) {
  const { value, isInvalid, messageId, onChange, onSelect } = props;
  const t = useStrings();
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState<number | undefined>(undefined);
  const [active, setActive] = useState(-1);
  useFirstFocus(input, props.focusAt);
  const moveCaret = useNextCaret(input, value);
  const context = caret === undefined ? undefined : completionContext(value, caret);
  const choices = useChoices(context);
  const isOpen = choices.length > 0;
  const choose = (choice: string): void => {
    if (context === undefined) return;
    const next = completed(value, context, choice);
    moveCaret(next.caret);
    setActive(-1);
    setCaret(next.caret);
    onChange(next.text);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && active < 0) return setCaret(undefined);
    if (!isOpen) return;
    if (event.key === 'ArrowDown') setActive((active + 1) % choices.length);
    else if (event.key === 'ArrowUp') setActive((active <= 0 ? choices.length : active) - 1);
    else if (event.key === 'Escape') setCaret(undefined);
    else if ((event.key === 'Enter' || event.key === 'Tab') && active >= 0) choose(choices[active]);
    else return;
    event.preventDefault();
  };
  return (
    <div className="se-box">
      <input
        ref={input}
        className="sp-input"
        role="combobox"
        aria-label={t.queryLabel}
        aria-expanded={isOpen}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && active >= 0 ? `${listId}-${active}` : undefined}
        aria-invalid={isInvalid}
        aria-describedby={messageId}
        value={value}
        placeholder={t.queryHint}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          onChange(event.target.value);
          // The event of the selection comes after this one.
          onSelect(selectionOf(event.target));
          setCaret(event.target.selectionStart ?? event.target.value.length);
          setActive(-1);
        }}
        onSelect={({ currentTarget }) => onSelect(selectionOf(currentTarget))}
        onKeyDown={onKeyDown}
        onBlur={() => setCaret(undefined)}
      />
      <Choices id={listId} choices={choices} active={active} onChoose={choose} />
    </div>
  );
}

/** Moves the caret once the next value is shown. */
function useNextCaret(input: RefObject<HTMLInputElement | null>, value: string): (caret: number) => void {
  const next = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (next.current !== undefined) input.current?.setSelectionRange(next.current, next.current);
    next.current = undefined;
  }, [input, value]);
  return (caret) => {
    next.current = caret;
  };
}

/** Takes over from a field that was typed in. */
function useFirstFocus(input: RefObject<HTMLInputElement | null>, focusAt: TextSelection | undefined): void {
  const first = useRef(focusAt);
  useLayoutEffect(() => {
    if (first.current === undefined) return;
    input.current?.focus();
    input.current?.setSelectionRange(first.current.start, first.current.end);
  }, [input]);
}

function selectionOf({ selectionStart, selectionEnd }: HTMLInputElement): TextSelection {
  return { start: selectionStart ?? 0, end: selectionEnd ?? 0 };
}

function Choices(props: {
  readonly id: string;
  readonly choices: readonly string[];
  readonly active: number;
  readonly onChoose: (choice: string) => void;
}) {
  const { id, choices, active, onChoose } = props;
  const t = useStrings();
  return (
    <ul id={id} role="listbox" aria-label={t.tags} hidden={choices.length === 0}>
      {choices.map((choice, index) => (
        <li
          key={choice}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          // Before the blur that a click would cause.
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(choice);
          }}
        >
          {choice}
        </li>
      ))}
    </ul>
  );
}
