import type { SiteDiagnostics } from '@galvani/artifact';
import { residualDiagnostics } from '../figures/residual-diagnostics.js';
import { figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { colourScale } from '../page/scale.js';
import { count, counted, percent } from '../page/words.js';

/** What the residuals say about the noise model; nothing where they were not looked at. */
export function diagnostics(rows: readonly SiteDiagnostics[] | undefined): Markup | undefined {
  if (!rows || rows.length === 0) return undefined;
  const total = (pick: (row: SiteDiagnostics) => number) => rows.reduce((sum, row) => sum + pick(row), 0);
  const drawn = (heading: string, label: string, pick: (row: SiteDiagnostics) => number) =>
    panel(
      heading,
      html`${residualDiagnostics(
        label,
        rows.map((row) => ({ layer: row.layer, kind: row.kind, sampled: row.sampled, value: pick(row) })),
      )}${colourScale({ ticks: ['0', '1'], colours: ['transparent', 'var(--accent)'], opacity: 0.7, of: `size of ${heading}` })}`,
    );
  const [units, outliers] = [total((row) => row.units), total((row) => row.outliers)];
  const sampled = total((row) => row.sampled);
  const states = html`Of ${count(units)} units, ${count(total((row) => row.constant))} never vary, ${count(total((row) => row.non_finite))} are not finite somewhere, and ${count(outliers)} (${percent(outliers / units)}) are outliers: their residuals spread more than six robust deviations from their site’s.`;
  if (sampled === 0)
    return html`<p>How residuals of tokens follow on from each other is not known, since prompts’ moments alone are kept. ${states}</p>`;
  return figure({
    id: 'residual-diagnostics',
    title: 'What the residuals say',
    drawing: [
      drawn('lag-1 autocorrelation', 'Median lag-1 autocorrelation of residuals, by layer and kind', (r) => r.lag1),
      drawn('not white', 'Share of units whose residuals are not white, by layer and kind', (r) => r.ljung_box_share),
      drawn('the prompt’s own share', 'Share of residual variance that is the prompt’s own', (r) => r.intraclass),
    ],
    shows: html`By layer and kind of site, from ${counted(sampled, 'sampled unit')}: the autocorrelation of neighbouring tokens of a prompt, the share of units that the Ljung-Box test calls not white at p < 0.05 (5% if all were), and the intraclass correlation, the share of what the design leaves over that all tokens of a prompt have in common. ${states}`,
    imaging: 'Where the first two are well above nothing, tokens are not independent samples, as scans are not.',
    interpretability:
      'A large share of the prompt’s own means that what a unit does is set by the prompt; averaging more tokens of it adds little.',
  });
}
