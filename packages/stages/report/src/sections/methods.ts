import { methods } from '../methods/methods.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import type { StudyResults } from '../results/study-results.js';

/** Methods for a paper, and what they cite. */
export function methodsSection(results: StudyResults): Markup {
  const { paragraphs, cited } = methods(results);
  return section(
    'methods',
    'Methods text',
    html`<p>To paste into a paper: what this study did, from its plan and its artifacts.</p>
<div class="methods">${paragraphs.map(
      (words) => html`<p>${words}</p>
`,
    )}</div>
<details><summary>References in BibTeX (${cited.length})</summary><pre tabindex="0"><code>${cited.map(({ bibtex }) => bibtex).join('\n\n')}</code></pre></details>`,
  );
}
