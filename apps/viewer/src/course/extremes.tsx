import { digits } from '../words.js';
import { type Extreme, type RunCourse, rankedPrompts, rankedTokens } from './study-course.js';

const shown = 8;

interface ExtremesProps {
  courses: readonly RunCourse[];
  byPrompt: boolean;
  onSelect(run: string, row: number): void;
}

/** The prompts and tokens of the study at which a unit is most and least active. */
export function Extremes({ courses, byPrompt, onSelect }: ExtremesProps) {
  const prompts = rankedPrompts(courses);
  const tokens = byPrompt ? [] : rankedTokens(courses);
  return (
    <div class="extremes">
      <ExtremeList title="Highest prompts" rows={prompts.slice(0, shown)} {...{ onSelect }} />
      <ExtremeList title="Lowest prompts" rows={prompts.slice(-shown).reverse()} {...{ onSelect }} />
      {tokens.length > 0 && (
        <>
          <ExtremeList title="Highest tokens" rows={tokens.slice(0, shown)} tokens {...{ onSelect }} />
          <ExtremeList title="Lowest tokens" rows={tokens.slice(-shown).reverse()} tokens {...{ onSelect }} />
        </>
      )}
    </div>
  );
}

interface ExtremeListProps {
  title: string;
  rows: readonly Extreme[];
  tokens?: boolean;
  onSelect(run: string, row: number): void;
}

function ExtremeList({ title, rows, tokens, onSelect }: ExtremeListProps) {
  return (
    <section>
      <h3>{title}</h3>
      <ol>
        {rows.map(({ course: { run }, row, prompt, value }) => (
          <li key={`${run.name} ${row}`}>
            <button type="button" class="link" onClick={() => onSelect(run.name, row)}>
              <span class="number">{digits(value, 3)}</span> {tokens && <b>{JSON.stringify(run.tokens.token[row])} </b>}
              <span class={tokens ? 'prompt' : ''}>{run.prompts[prompt].text}</span>{' '}
              <span class="topic">{run.prompts[prompt].topic}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
