import { useEffect, useRef } from 'preact/hooks';
import { dark } from '../colour/dark.js';
import { divergingColour } from '../colour/diverging.js';
import { inkOn } from '../colour/ink.js';
import { digits } from '../words.js';
import type { RunCourse } from './study-course.js';

interface ColouredTextProps {
  course: RunCourse;
  byPrompt: boolean;
  /** Mean and standard deviation of the unit over the study, which colours are relative to. */
  centre: number;
  spread: number;
  selected?: number;
  onSelect(row: number): void;
}

/** Standard deviations from the mean that have the last colour. */
const last = 3;

/** What a run presented and what the model wrote, each token coloured by the unit's activity at it. */
export function ColouredText({ course, byPrompt, centre, spread, selected, onSelect }: ColouredTextProps) {
  const { run, values, promptOf, counted } = course;
  const place = useRef<HTMLOListElement>(null);
  const isDark = dark.value;
  const styleOf = (value: number) => {
    const shade = (value - centre) / (spread || 1) / last;
    return { background: divergingColour(shade, isDark), color: inkOn(shade, isDark) };
  };
  const rowsOf = run.prompts.map((): number[] => []);
  for (let row = 0; row < promptOf.length; row++) rowsOf[promptOf[row]].push(row);

  // The selected token is brought into sight inside its own box, and the page stays where it is.
  useEffect(() => {
    const token = place.current?.querySelector<HTMLElement>('[aria-pressed="true"]');
    if (!token) return;
    const box = place.current!;
    const top = token.offsetTop - box.offsetTop;
    if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 24) box.scrollTop = top - box.clientHeight / 3;
  }, [selected, run]);

  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || selected === undefined) return;
    const next = Math.min(values.length - 1, Math.max(0, selected + step));
    event.preventDefault();
    onSelect(next);
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus();
  };

  return (
    <ol class="text" ref={place} onKeyDown={onKey} aria-label={`Prompts and tokens of ${run.name}`}>
      {run.prompts.map((prompt, p) => (
        <li key={p} class={prompt.condition}>
          <span class="topic">{prompt.topic}</span>{' '}
          {byPrompt ? (
            <Mark
              row={p}
              value={values[p]}
              style={styleOf(values[p])}
              text={prompt.text}
              pressed={selected === p}
              reachable={p === (selected ?? 0)}
              onSelect={onSelect}
            />
          ) : (
            <>
              <span class="prompt">{prompt.text}</span>
              {rowsOf[p].map((row) => (
                <Mark
                  key={row}
                  row={row}
                  value={values[row]}
                  style={counted[row] ? styleOf(values[row]) : uncoloured}
                  text={run.tokens.token[row]}
                  pressed={selected === row}
                  reachable={row === (selected ?? 0)}
                  onSelect={onSelect}
                />
              ))}
            </>
          )}
        </li>
      ))}
    </ol>
  );
}

/** Of tokens that statistics leave out. */
const uncoloured = { background: 'transparent', color: 'inherit' };

interface MarkProps {
  row: number;
  value: number;
  style: { background: string; color: string };
  text: string;
  pressed: boolean;
  /** Whether the tab key comes to it; arrow keys go on from there. */
  reachable: boolean;
  onSelect(row: number): void;
}

function Mark({ row, value, style, text, pressed, reachable, onSelect }: MarkProps) {
  return (
    <button
      type="button"
      class="token"
      data-row={row}
      style={style}
      title={digits(value)}
      aria-pressed={pressed}
      tabIndex={reachable ? 0 : -1}
      onClick={() => onSelect(row)}
    >
      {shownText(text)}
    </button>
  );
}

/** A token's text, with what would not be seen written out. */
const shownText = (text: string) =>
  text.trim() === '' ? text.replaceAll('\n', '⏎').replaceAll('\t', '⇥') || '∅' : text.replaceAll('\n', '⏎');
