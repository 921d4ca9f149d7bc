import { summary } from '../findings/summary.js';
import type { Verdict } from '../findings/verdicts/verdict.js';
import { verdicts } from '../findings/verdicts/verdicts.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { decimal, percent, probability } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** What was found, in words, and what it says of each claim. */
export function resultSection(results: StudyResults): Markup {
  const found = verdicts(results);
  const paper = found.some((verdict) => verdict.paper !== undefined);
  return section(
    'result',
    'Result',
    summary(results),
    table(
      html`Claims as tests, each by itself at 5%. <b>Supported</b>: p is at most 0.05. <b>Against</b>: the whole 95% interval lies on the other side. <b>No evidence</b>: neither, which is no evidence of the contrary.${paper && html` Nencka, Muftuler, LaViolette and Koch (<cite>arXiv 2311.10898</cite>) studied Galactica-125M; the model, the prompts and the thresholds here are not theirs, and a verdict is about this study alone.`}`,
      [
        { heading: 'Claim', cell: (v) => v.claim, text: true },
        { heading: 'This study', cell: (v) => html`<b>${v.verdict}</b>`, text: true },
        { heading: 'Effect', cell: (v) => effectWords(v), text: true },
        { heading: 'p', cell: (v) => probability(v.p ?? Number.NaN) },
        { heading: 'Because', cell: (v) => v.words, text: true },
        { heading: 'Would count against it', cell: (v) => v.refutedBy, text: true },
        ...(paper
          ? [{ heading: 'The paper says', cell: (v: (typeof found)[number]) => v.paper ?? '', text: true }]
          : []),
      ],
      found,
    ),
  );
}

function effectWords({ effect }: Verdict): string {
  if (!effect || !Number.isFinite(effect.value)) return '';
  const { what, value, lower, upper, unit } = effect;
  const number = (x: number) =>
    unit === 'share' && x >= 0 ? percent(x) : unit === 'share' ? `−${percent(-x)}` : decimal(x);
  const interval = Number.isFinite(lower) ? ` (95% interval ${number(lower)} to ${number(upper)})` : '';
  return `${what} ${number(value)}${interval}`;
}
