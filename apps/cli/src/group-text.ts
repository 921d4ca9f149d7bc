import { type CovariateRow, type EffectRow, type GeometryRow, measures, type WrittenGroup } from '@galvani/group';

/** Most lines of a measure; its table has all. */
const most = 12;

/** A group's results, as a terminal shows them. @param out where its tables are */
export function groupText({ studies, effects, covariates, geometry }: WrittenGroup, out: string): string {
  const parts = measures.flatMap(({ name, says }) => {
    const own = effects.filter(({ measure }) => measure === name);
    const by = covariates.filter(({ measure }) => measure === name);
    if (own.length === 0) return [];
    return [
      '',
      `${name}: ${says}; ${own[0].studies} studies`,
      ...table(own, (row) => [row.label, ...effectCells(row)]),
      ...[...new Set(by.map(({ covariate }) => covariate))].flatMap((covariate) => {
        const rows = by.filter((row) => row.covariate === covariate);
        return [
          `  by ${covariate}${rows[0].groups ? ` (${rows[0].groups})` : ''}`,
          ...table(rows, (row) => [row.label, ...covariateCells(row)]),
        ];
      }),
    ];
  });
  return [
    `${out}: ${studies.join(', ')}`,
    ...parts,
    ...(geometry.length > 0
      ? ['', 'task geometry: correlation of the distances between tasks', ...table(geometry, geometryCells)]
      : []),
  ].join('\n');
}

const effectCells = (row: EffectRow) => [
  `${number(row.mean)} [${number(row.lower)}, ${number(row.upper)}]`,
  Number.isNaN(row.p) ? '' : `p ${probability(row.p)}, over labels ${probability(row.p_familywise)}`,
  Number.isNaN(row.random_mean)
    ? ''
    : `random effects ${number(row.random_mean)} [${number(row.random_lower)}, ${number(row.random_upper)}]`,
];

const covariateCells = (row: CovariateRow) => [
  `${row.kind} ${number(row.estimate)} [${number(row.lower)}, ${number(row.upper)}], r ${row.r.toFixed(2)}`,
  `p ${probability(row.p)}, over labels ${probability(row.p_familywise)}`,
];

const geometryCells = (row: GeometryRow) => [
  row.study_a === '' ? 'mean' : `${row.study_a} and ${row.study_b}`,
  `r ${row.r.toFixed(2)}`,
  `p ${probability(row.p)}`,
];

/** Rows with columns of equal width; of many those with the least p. */
function table<T extends { p: number }>(rows: readonly T[], cells: (row: T) => string[]): string[] {
  const p = ({ p }: T) => (Number.isNaN(p) ? 1 : p);
  const shown = rows.length > most ? [...rows].sort((a, b) => p(a) - p(b)).slice(0, most) : rows;
  const texts = shown.map(cells);
  const widths = texts[0].map((_, c) => Math.max(...texts.map((row) => row[c].length)));
  const lines = texts.map((row) => `  ${row.map((cell, c) => cell.padEnd(widths[c])).join('  ')}`.trimEnd());
  return rows.length > most ? [...lines, `  … and ${rows.length - most} more in the table`] : lines;
}

function number(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 0.001 || size >= 1e5) ? value.toExponential(1) : value.toFixed(3);
}

const probability = (p: number) => (Number.isNaN(p) ? 'NaN' : p < 0.001 ? p.toExponential(0) : p.toFixed(3));
