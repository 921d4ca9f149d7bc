import { cautions } from '../findings/cautions.js';
import { paperClaims } from '../findings/paper-claims.js';
import { summary } from '../findings/summary.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import type { StudyResults } from '../results/study-results.js';

/** What was found, in words, and how it compares with the paper. */
export function resultSection(results: StudyResults): Markup {
  const weak = cautions(results);
  return section(
    'result',
    'Result',
    summary(results),
    table(
      html`Beside what Nencka, Muftuler, LaViolette and Koch report for Galactica-125M (<cite>arXiv 2311.10898</cite>). The model, the prompts and the thresholds here are not theirs; a verdict is about this study alone.`,
      [
        { heading: 'The paper', cell: (c) => c.claim, text: true },
        { heading: 'This study', cell: (c) => html`<b>${c.verdict}</b>`, text: true },
        { heading: 'Because', cell: (c) => c.words, text: true },
      ],
      paperClaims(results),
    ),
    weak.length > 0 &&
      html`<h3>What weakens these results</h3>
<ul>${weak.map((words) => html`<li>${words}</li>`)}</ul>`,
  );
}
