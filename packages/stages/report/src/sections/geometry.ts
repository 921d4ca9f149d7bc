import type { Component } from '@galvani/artifact';
import { componentTasks } from '../figures/component-tasks.js';
import { distanceMatrix } from '../figures/distance-matrix.js';
import { noiseCeiling } from '../figures/noise-ceiling.js';
import { taskDendrogram } from '../figures/task-dendrogram.js';
import { componentSentence, followedTasks, geometrySentences } from '../findings/geometry.js';
import { hasNoRest } from '../findings/off-blocks.js';
import { above, below, divergingName } from '../page/colour.js';
import { absent, figure } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { colourScale } from '../page/scale.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, decimal, listed, percent, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** How far tasks lie apart, how they group, and what components of activity follow them. */
export function geometrySection(results: StudyResults): Markup {
  return section(
    'geometry',
    'How tasks lie to each other',
    distances(results),
    tree(results),
    ceiling(results),
    components(results),
  );
}

function distances(results: StudyResults): Markup {
  const rows = results.geometry.distances ?? [];
  if (rows.length === 0) return absent(why(results));
  const shrunken = results.plan.geometry.noise === 'shrunken';
  const sentences = geometrySentences(results);
  return html`${sentences.length > 0 && html`<p>${sentences.join(' ')} Networks say which units pass a threshold; distances are over all ${count(rows[0].units)} units that count.</p>`}
${figure({
  id: 'distance-matrix',
  title: 'Distances between tasks',
  leastWidth: 520,
  drawing: html`${distanceMatrix(rows, results.tasks)}${colourScale({ ticks: ['0', decimal(Math.max(0, ...rows.map(({ distance }) => distance)))], colours: ['transparent', 'var(--accent)'], opacity: 0.7, of: 'squared distance for each unit, in variances of prompts' })}`,
  shows: html`Squared distance between the mean patterns of two tasks for each unit, in variances of prompts within task and session${shrunken && ', taken together by their shrunken covariance'}. The two factors of every square come from different sessions, so that chance alone gives 0, and sometimes less. In brackets where exchanging the two’s prompts gives as much (p over pairs of .05 and more).${hasNoRest(results) ? ' Prompts of off blocks count for their own task.' : ' The last row is the distance from rest, which is many topics.'}`,
  imaging:
    'A representational dissimilarity matrix of cross-validated Mahalanobis distances, with sessions as the partitions: it has a true zero, so that ratios of distances can be compared.',
  interpretability:
    'Distances take all units alike, also those that tell any text of one kind from another; tasks may lie far apart by their wording and form alone.',
})}`;
}

function tree({ geometry: { dendrogram = [] }, tasks }: StudyResults): Markup | undefined {
  if (dendrogram.length < 2) return undefined;
  return figure({
    id: 'task-dendrogram',
    title: 'Tree of the tasks',
    leastWidth: 440,
    drawing: taskDendrogram(dendrogram, tasks),
    shows:
      'Average linkage: the two nearest clusters become one, at the mean distance between the tasks of one and of the other. It is a drawing of the distances and no test; a tree comes of any distances.',
  });
}

function ceiling({ geometry: { ceiling: rows = [] } }: StudyResults): Markup | undefined {
  const mean = rows.find(({ session }) => session === 0);
  if (!mean || rows.some(({ lower }) => !Number.isFinite(lower))) return undefined;
  return figure({
    id: 'noise-ceiling',
    title: 'Noise ceiling',
    leastWidth: 400,
    drawing: noiseCeiling(rows),
    shows: html`Each session has distances between tasks of its own. Their correlation over pairs with the mean of the other sessions’ is the lower end of a bar, with the mean of all sessions’ its upper end. The band is the mean of both, ${decimal(mean.lower)} to ${decimal(mean.upper)}; the lower has p ${probability(mean.p)} with tasks exchanged within sessions.`,
    imaging: 'The best that any model of these representations could do in one session.',
    interpretability:
      'A theory of which topics are alike for the model whose distances correlate with a session’s as far as the band leaves nothing to explain at this number of prompts.',
  });
}

function components(results: StudyResults): Markup | undefined {
  const rows = results.geometry.components ?? [];
  const sentence = componentSentence(results);
  if (!sentence) return undefined;
  const unsettled = results.manifests.get('geometry')?.facts.converged === false;
  return html`<p>Independent components are found without any label: each has a map over units and a time course over prompts. ${sentence}${unsettled && ' They have not settled in the iterations allowed, so that another seed may give others.'}</p>
${figure({
  id: 'component-tasks',
  title: 'Independent components and tasks',
  leastWidth: 460,
  drawing: html`${componentTasks(rows, results.tasks)}${colourScale({ ticks: ['−1', '0', '1'], colours: [below, 'transparent', above], opacity: 0.6, of: `correlation of time courses; ${divergingName}` })}`,
  shows:
    'Correlation of each component’s time course with being on a task, within the task’s runs; bold where it exceeds what the largest of all components and tasks reaches with on and off prompts exchanged (p below .05). In brackets the component’s share of all activity’s variation. The sign of a component is that of its map’s longer tail.',
  imaging: 'Spatial independent components, as of resting or task runs, matched to the design after the fact.',
  interpretability:
    'Directions that stand out by themselves in what prompts change; one that follows a task is a network that was found without asking for it.',
})}
${table(
  html`Of each component the task that its time course follows most. Stability is how alike its match from other random starts is. Maps: correlation over units with the task’s effects; members: mean of the component’s map over the task’s network, in standard deviations over units.`,
  [
    { heading: 'component', cell: (c) => count(c.component) },
    { heading: 'share', cell: (c) => percent(c.share) },
    { heading: 'stability', cell: (c) => decimal(c.stability) },
    { heading: 'most like', cell: (c) => taskName(c.task), text: true },
    { heading: 'time course', cell: (c) => decimal(c.r) },
    { heading: 'p over all', cell: (c) => probability(c.p_over_all) },
    { heading: 'maps', cell: (c) => decimal(c.map_r) },
    { heading: 'members', cell: (c) => decimal(c.members_z) },
    { heading: 'follows', cell: (c) => listed(followedTasks(rows, c.component)) || 'none', text: true },
  ],
  mostLike(rows),
)}`;
}

/** Of each component the row of the task with the largest |r|. */
function mostLike(rows: readonly Component[]): Component[] {
  const best = new Map<number, Component>();
  for (const row of rows) {
    const own = best.get(row.component);
    if (!own || Math.abs(row.r) > Math.abs(own.r)) best.set(row.component, row);
  }
  return [...best.values()];
}

function why({ manifests }: StudyResults): string {
  const nothing = manifests.get('geometry')?.facts.nothing;
  return typeof nothing === 'string'
    ? `There is nothing to say of how far tasks lie apart: ${nothing}.`
    : 'Distances between tasks have not been measured yet.';
}
