import type { Manifest } from '@galvani/artifact';
import type { StageParameters } from '@galvani/study';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { modelName } from './subject.js';

/** What was computed by what from what, and how to do it again. */
export function provenanceSection(results: StudyResults): Markup {
  const { plan, manifests, inputs } = results;
  const project = plan.report.study === 'default' ? 'pipeline' : plan.report.study;
  const versions = [...new Set([...manifests.values()].map((manifest) => manifest.galvani))];
  const models = [
    ...new Set([...manifests].flatMap(([name, m]) => (name.startsWith('extract/') ? modelDigests(m) : []))),
  ];
  return section(
    'provenance',
    'Provenance',
    html`<p>Study <code>${plan.report.study}</code>, seed ${plan.design.seed}, galvani ${versions.join(', ')}, model <code>${modelName(plan.extract)}</code>${twinWords(plan.extract)}${models.length > 0 && html` (sha256 <code class="digest">${models.join(', ')}</code>)`}. The same study and seed give the same bytes on the same platform. To run it again:</p>
<pre><code>npx nx run ${project}:all</code></pre>
<p>Each stage records its inputs, parameters and outputs with their checksums in a manifest. This page was made from these:</p>`,
    table(
      undefined,
      [
        { heading: 'manifest', cell: ([path]) => html`<code>${path}</code>`, text: true },
        { heading: 'outputs', cell: ([path]) => count(outputsOf(results, path)) },
        { heading: 'sha256', cell: ([, digest]) => html`<code class="digest">${digest}</code>`, text: true },
      ],
      Object.entries(inputs),
    ),
  );
}

function outputsOf({ manifests }: StudyResults, path: string): number {
  return Object.keys(manifests.get(path.slice(0, path.lastIndexOf('/')))?.outputs ?? {}).length;
}

/** The digest that an extraction's manifest gives for its model. */
function modelDigests({ parameters }: Manifest): string[] {
  const { sha256 } = (parameters.model ?? {}) as { sha256?: string };
  return sha256 === undefined ? [] : [sha256];
}

function twinWords({ model }: StageParameters['extract']): string {
  return 'twin' in model ? `, its untrained twin with seed ${model.seed}` : '';
}
