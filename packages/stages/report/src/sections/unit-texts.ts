import type { UnitPrompt } from '@galvani/results';
import { above, below, strongest } from '../page/colour.js';
import { html, type Markup } from '../page/html.js';
import { viewerLink } from '../page/viewer-link.js';
import { decimal, listed, taskName } from '../page/words.js';
import type { UnitTexts } from '../results/unit-texts.js';

/** Percentiles that stand on the page. */
const levels = [1, 25, 50, 75, 99];

/** The prompts at which each task's strongest unit is highest and lowest; nothing where there are no such units. */
export function unitTexts(units: readonly UnitTexts[]): Markup | undefined {
  if (units.length === 0) return undefined;
  const circular = units.filter((unit) => unit.circular).map(({ task }) => taskName(task));
  const templates = units.some(({ prompts }) => prompts.highest.some(({ given, text }) => given !== text));
  const written = units.some(({ prompts }) => prompts.highest.some(({ tokens }) => tokens.some(isKnown)));
  return html`<h3>What they answer to</h3>
<p>Of each task’s strongest unit the prompts with the highest and the lowest mean over their tokens, of all topics, in the sessions that did not choose it${circular.length > 0 && ` (of ${listed(circular)}, presented once, in the one that did)`}. After each prompt${templates && ', and … for the template around it,'} stands what the model wrote${written && ', each token coloured by the unit’s activity: vermilion above its mean, blue below, at most from three standard deviations on'}. Of any other unit <code>galvani unit</code> and the viewer say the same.</p>
${units.map(unitText)}`;
}

function unitText({ task, site, unit, values, prompts }: UnitTexts): Markup {
  const { mean, sd, percentiles } = values;
  const shown = percentiles.filter(({ percent }) => levels.includes(percent));
  const rows = (title: string, own: readonly UnitPrompt[]) =>
    html`<p>${title}</p><ol class="texts">${own.map((prompt) => html`<li>${promptText(prompt, values)}</li>`)}</ol>`;
  return html`<div class="unit-text"><h4>${taskName(task)}: ${viewerLink({ map: `task-${task}`, unit: `${site}:${unit}` }, `${site}, unit ${unit}`)}</h4>
<p>Mean ${decimal(mean)}, standard deviation ${decimal(sd)}; percentiles ${listed(shown.map(({ percent, value }) => `${percent}%: ${decimal(value)}`))}.</p>
${rows('Highest', prompts.highest)}${rows('Lowest', prompts.lowest)}</div>
`;
}

function promptText({ topic, text, given, mean, tokens }: UnitPrompt, values: UnitTexts['values']): Markup {
  return html`<b>${decimal(mean)}</b> <span class="topic">${taskName(topic)}</span> ${text}${given !== text && ' …'}<span class="written">${tokens.map((token) => tokenText(token, values))}</span>`;
}

function tokenText({ token, value }: UnitPrompt['tokens'][number], { mean, sd }: UnitTexts['values']): Markup {
  const shown = token.replaceAll('\n', '⏎');
  if (value === undefined || !(sd > 0)) return html`${shown}`;
  const far = Math.max(-1, Math.min(1, (value - mean) / (3 * sd)));
  const share = Math.round(100 * strongest * Math.abs(far));
  return html`<span title="${decimal(value)}" style="background: color-mix(in srgb, ${far < 0 ? below : above} ${share}%, transparent)">${shown}</span>`;
}

const isKnown = ({ value }: UnitPrompt['tokens'][number]) => value !== undefined;
