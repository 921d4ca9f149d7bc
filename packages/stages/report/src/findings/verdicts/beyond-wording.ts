import { decimal, listed, probability } from '../../page/words.js';
import { judge, type Verdict } from './verdict.js';

/** Identification by networks beside that by a control on the same prompts (bag of tokens, input embeddings, …). */
export interface ControlComparison {
  control: string;
  /** Accuracy of networks minus that of the control, paired over prompts, with its 95% interval over runs. */
  difference: number;
  lower: number;
  upper: number;
  /** One-sided, that networks identify more. */
  p: number;
}

/** Whether networks identify more than every control does that sees words alone; no verdict where none was tried. */
export function beyondWording(controls: readonly ControlComparison[] = []): Verdict[] {
  if (controls.length === 0) return [];
  // All controls have to be beaten, so that the hardest decides, at the level of one (intersection-union test).
  const hardest = controls.reduce((a, b) => (b.p > a.p || (b.p === a.p && b.difference < a.difference) ? b : a));
  return [
    {
      claim: 'Networks identify the task beyond its wording.',
      verdict: judge({ p: hardest.p, smallest: 0, opposite: hardest.upper < 0 }),
      effect: {
        ...{ what: `beyond ${hardest.control}`, value: hardest.difference, unit: 'share' },
        ...{ lower: hardest.lower, upper: hardest.upper },
      },
      p: hardest.p,
      words: `Accuracy beyond ${listed(controls.map(({ control, difference, p }) => `${control} ${decimal(100 * difference, 0)} points (p ${probability(p)})`))}.`,
      refutedBy:
        'A control of words alone that identifies more than networks do: a difference below 0, with its whole interval.',
    },
  ];
}
