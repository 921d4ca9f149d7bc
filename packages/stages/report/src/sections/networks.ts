import { networkSites, siteShares } from '../figures/network-sites.js';
import { layerLabel } from '../figures/unit-map.js';
import { membersByNetworks, ownMembers } from '../findings/network-overlap.js';
import { taskNetworks } from '../findings/network-size.js';
import { offWords } from '../findings/off-blocks.js';
import { unitMarks } from '../findings/unit-marks.js';
import { taskColour } from '../page/colour.js';
import { absent, figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { colourScale } from '../page/scale.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, counted, percent, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { peakTableOf } from './peaks.js';

/** How large the networks are and where they lie. */
export function networksSection(results: StudyResults): Markup {
  const { networks, tasks } = results;
  const heading = 'Networks';
  if (!networks.sizes || networks.sizes.length === 0)
    return section('networks', heading, absent('Networks have not been formed yet.'));
  const sizes = networks.sizes;
  const all = taskNetworks(sizes, tasks);
  const shares = tasks.map((task) => siteShares(sizes.filter((row) => row.task === task)));
  const largest = Math.max(...shares.flat().map((s) => s.share));
  return section(
    'networks',
    heading,
    sizeTable(results, all),
    marks(results),
    largest > 0
      ? figure({
          id: 'network-sites',
          title: 'Where the networks lie',
          drawing: tasks.map((task, i) =>
            panel(
              taskName(task),
              html`${networkSites(
                `Share of units in the network of ${taskName(task)}, by layer and kind of site`,
                shares[i],
                largest,
                taskColour(tasks, task),
              )}${colourScale({ ticks: ['0%', percent(largest)], colours: ['transparent', taskColour(tasks, task)], of: 'share of units' })}`,
            ),
          ),
          shows: html`Columns are layers from input to output, rows kinds of site; the fuller the colour of a cell, the larger the share of its units that belong to the network. The fullest holds ${percent(largest)} of its units, and the scale is the same for all tasks.`,
          imaging:
            'The share of each region that is active: depth is the nearest thing here to a processing hierarchy.',
          interpretability:
            'Which computation carries the topic: attention, the feed-forward units, or the sum of both in the residual stream.',
        })
      : absent('No unit survived the threshold for any task, so there is no place to show.'),
    sharing(results),
    peakTableOf(results, 'task'),
  );
}

function sizeTable(results: StudyResults, all: ReturnType<typeof taskNetworks>): Markup {
  const { networks, tasks } = results;
  const own = networks.units && ownMembers(networks.units, tasks);
  return table(
    'Size of each network. Own members belong to no other network.',
    [
      { heading: 'task', cell: (n) => taskName(n.task), text: true },
      { heading: 'members', cell: (n) => (n.members === 0 ? 'none' : count(n.members)) },
      { heading: 'of all that count', cell: (n) => percent(n.members / n.units) },
      { heading: `above ${offWords(results)}`, cell: (n) => count(n.positive) },
      { heading: `below ${offWords(results)}`, cell: (n) => count(n.negative) },
      { heading: 'own', cell: (n) => count(own?.get(n.task)) },
      { heading: 'densest kind of site', cell: (n) => n.densestKind, text: true },
      { heading: 'densest layer', cell: (n) => n.densestLayer && layerLabel(n.densestLayer), text: true },
    ],
    all,
  );
}

function marks(results: StudyResults): Markup | undefined {
  const sentences = unitMarks(results);
  return sentences.length === 0 ? undefined : html`<p>${sentences.join(' ')}</p>`;
}

function sharing({ networks, tasks }: StudyResults): Markup | undefined {
  if (!networks.units || networks.units.length === 0 || tasks.length < 2) return undefined;
  const counts = membersByNetworks(networks.units, tasks);
  const total = counts.reduce((a, b) => a + b, 0);
  const shared = counts.slice(1).flatMap((n, i) => (n > 0 ? [`${count(n)} to ${i + 2}`] : []));
  return html`<p>${counted(total, 'unit')} belong to at least one network: ${count(counts[0])} to just one (${percent(counts[0] / total)})${shared.length > 0 && `, ${shared.join(', ')}`}.</p>`;
}
