import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { viewerCommand } from '../page/viewer-link.js';
import type { StudyResults } from '../results/study-results.js';

/** What these results can and cannot carry, and whom to cite. */
export function readingSection({ plan }: StudyResults): Markup {
  return section(
    'reading',
    'How to read and cite',
    html`<ul>
<li>A unit in a network responds differently, on average over prompts, while the model writes about the task than while it writes about other topics. That does not show that the model needs the unit for the task; ablation or patching would.</li>
<li>Units are not independent of each other: a block’s output holds the outputs of its parts, and one direction of the residual stream spreads over many units. Sizes of networks count units, not separate findings.</li>
<li>On and off prompts may differ in more than topic: in how sure the model is, in the words that it repeats. The table of entropy and surprise under Quality helps to judge that.</li>
<li>Results are about this model with these prompts. Other checkpoints, sizes and prompt banks may give other networks.</li>
</ul>
<p>Units’ numbers and the words “in the viewer” are links into the viewer, which shows every unit, token and prompt. They lead there while this runs where the study’s folder has this name:</p>
<pre><code>${viewerCommand(plan.report.folder)}</code></pre>
<p>The method is that of Nencka, Muftuler, LaViolette and Koch, “On Functional Activations in Deep Neural Networks”, <cite>arXiv 2311.10898</cite> (2023); cite it, galvani with its version, the model, and the digests below, which pin what was computed from what.</p>`,
  );
}
