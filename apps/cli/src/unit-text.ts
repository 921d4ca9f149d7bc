import { styleText } from 'node:util';
import type { UnitPrompt } from '@galvani/results';
import { formatCount } from '@galvani/terminal';
import type { UnitAccount } from '@galvani/view';

/** As a terminal may show it: what would move its cursor or change its colours stands as its escape. */
const plain = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (c) =>
    c === '\n' ? '⏎' : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const number = (value: number) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '–');

/** A p of which the logarithm is known. */
const probability = (log10: number) =>
  Number.isNaN(log10) ? '–' : log10 < -3 ? `1e${Math.ceil(log10)}` : String(Number((10 ** log10).toPrecision(2)));

/**
 * A unit's account as lines that a person reads.
 * @param options.runs whether the maps of single runs are listed too
 * @param options.colour whether tokens are coloured by the unit's activity: yellow above its mean, blue below, bold from two standard deviations on
 */
export function unitText(account: UnitAccount, { runs, colour }: { runs: boolean; colour: boolean }): string {
  const { site, unit, kind, layer, of, values, maps, prompts, tokens } = account;
  const levels = values.percentiles.map(({ percent, value }) => [`${percent}%`, number(value)]);
  const shown = maps.filter((map) => runs || map.kind !== 'run');
  const left = maps.length - shown.length;
  const rows = shown.map((map) => [
    map.map,
    ...[map.effect, map.t, map.z].map(number),
    ...[map.log10_p_familywise, map.log10_q_fdr].map(probability),
    map.member ? 'yes' : '',
  ]);
  const written = (prompt: UnitPrompt) =>
    prompt.tokens.map(({ token, value }) => coloured(plain(token), value, values, colour)).join('');
  const promptLine = (prompt: UnitPrompt) =>
    `  ${number(prompt.mean).padStart(10)}  ${prompt.topic} (${prompt.run}): ${plain(prompt.given)} →${written(prompt)}`;
  const tokenLine = (token: UnitAccount['tokens']['highest'][number]) =>
    `  ${number(token.value).padStart(10)}  ${token.topic} (${token.run}): …${plain(token.before.slice(-60))}${coloured(`«${plain(token.token)}»`, token.value, values, colour)}`;
  return [
    `${site}, unit ${unit} (${kind}, ${layer})`,
    `${formatCount(values.count)} ${of}: mean ${number(values.mean)}, standard deviation ${number(values.sd)}`,
    ...aligned([levels.map(([percent]) => percent), levels.map(([, value]) => value)]),
    '',
    ...aligned([['map', 'effect', 't', 'z', 'p, family-wise', 'q, FDR', 'member'], ...rows]),
    ...(left > 0 ? [`  and ${left} maps of single runs: --runs lists them`] : []),
    '',
    `Prompts with the highest mean over their tokens${of === 'prompts' ? '' : ', and what was written'}:`,
    ...prompts.highest.map(promptLine),
    'Prompts with the lowest:',
    ...prompts.lowest.map(promptLine),
    ...(of === 'prompts'
      ? ['', 'Activity at each token was not kept: --replay plays the runs again for it.']
      : [
          '',
          'Tokens with the highest activity:',
          ...tokens.highest.map(tokenLine),
          'Tokens with the lowest:',
          ...tokens.lowest.map(tokenLine),
        ]),
  ].join('\n');
}

function coloured(
  text: string,
  value: number | undefined,
  { mean, sd }: UnitAccount['values'],
  colour: boolean,
): string {
  const far = value === undefined ? 0 : (value - mean) / sd;
  if (!colour || !(Math.abs(far) >= 1)) return text;
  const hue = far > 0 ? 'yellow' : 'blue';
  // Whether anything may be coloured is known already.
  return Math.abs(far) >= 2
    ? styleText(['bold', hue], text, { validateStream: false })
    : styleText(hue, text, { validateStream: false });
}

/** Rows as columns: the first to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  return rows.map((row) =>
    `  ${row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  ')}`.trimEnd(),
  );
}
