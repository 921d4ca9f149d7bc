import type { Peak } from '@galvani/artifact';
import { html, type Markup } from '../page/html.js';
import { table } from '../page/table.js';
import { viewerLink } from '../page/viewer-link.js';
import { count, decimal, taskName, tenTo } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** Peaks of each map that the page shows; the table of the networks stage has more. */
const shown = 5;

/** The strongest units of each task, or of each contrast; nothing where there are none. */
export function peakTableOf(
  { networks, glm }: Pick<StudyResults, 'networks' | 'glm'>,
  map: Peak['map'],
): Markup | undefined {
  const rows = (networks.peaks ?? []).filter((peak) => peak.map === map && peak.rank <= shown);
  if (rows.length === 0) return undefined;
  const named = (name: string) => (map === 'task' ? taskName(name) : name);
  const withTokens = rows.some(({ token }) => token !== '');
  const mapOf = ({ name }: Peak) =>
    map === 'task'
      ? glm?.taskMaps.get(name)
      : glm?.contrastMaps.find(({ description: d }) => d.kind === 'contrast' && d.contrast === name);
  const correctedOf = (peak: Peak, by: 'familywise' | 'fdr') => {
    const drawn = mapOf(peak);
    const start = drawn?.sites.find(({ site }) => site === peak.site)?.start;
    return drawn === undefined || start === undefined ? Number.NaN : drawn.corrected[by][start + peak.unit];
  };
  // Below its estimate where there is no room beside it, but in one line.
  const interval = (lower: number, upper: number) =>
    Number.isFinite(lower) ? ` (${figures(lower)}\u00a0to\u00a0${figures(upper)})` : '';
  return table(
    html`Peaks: the ${count(shown)} strongest units of each ${map === 'task' ? 'task' : 'contrast'}, at most three of a site; <code>networks/peaks.parquet</code> has more. Intervals (95%) are of one unit by itself, and effects of units that were chosen for their strength are too large on average. p are corrected over units: family-wise by relabelling prompts, FDR by Benjamini and Hochberg. A unit’s number leads to it in the viewer (see How to read and cite).`,
    [
      { heading: map, cell: (p) => named(p.name), text: true },
      { heading: 'site', cell: (p) => p.site, text: true },
      {
        heading: 'unit',
        cell: (p) => viewerLink({ map: mapOf(p)?.description.name, unit: `${p.site}:${p.unit}` }, String(p.unit)),
      },
      ...(withTokens
        ? [
            {
              heading: 'token',
              cell: (p: Peak) => (p.token === '' ? '' : html`<code>${p.token.replaceAll(' ', '␣')}</code>`),
              text: true,
            },
          ]
        : []),
      { heading: 'effect', cell: (p) => `${figures(p.effect)}${interval(p.effect_lower, p.effect_upper)}` },
      { heading: 't', cell: (p) => decimal(p.t, 1) },
      { heading: 'z', cell: (p) => decimal(p.z, 1) },
      { heading: 'd', cell: (p) => `${decimal(p.d)}${interval(p.d_lower, p.d_upper)}` },
      { heading: 'p, family-wise', cell: (p) => tenTo(correctedOf(p, 'familywise')) },
      { heading: 'p, FDR', cell: (p) => tenTo(correctedOf(p, 'fdr')) },
      { heading: 'in the network', cell: (p) => (p.member ? 'yes' : 'no'), text: true },
    ],
    rows,
  );
}

/** Activations have units of their own, so that what is small in one is large in another: three figures. */
function figures(x: number): string {
  if (!Number.isFinite(x)) return decimal(x);
  const digits = x === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(x))));
  return digits > 6 ? x.toExponential(2).replace('-', '−') : decimal(x, digits);
}
