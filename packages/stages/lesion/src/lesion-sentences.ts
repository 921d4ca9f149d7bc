import type { LesionSelectivity } from '@galvani/artifact';

/** What lesions did, for the terminal. */
export function lesionSentences(rows: readonly LesionSelectivity[]): string[] {
  const dose = Math.max(...rows.map((row) => row.dose));
  const whole = rows.filter((row) => row.dose === dose);
  return [...new Set(whole.map(({ sites, kind }) => `${sites}, ${kind}`))].map((set) => {
    const own = whole
      .filter(({ sites, kind }) => `${sites}, ${kind}` === set)
      .map((row) => {
        const sign = row.selectivity < 0 ? '-' : '+';
        return `${row.network} ${sign}${Math.abs(row.selectivity).toFixed(3)} (controls ${row.control_selectivity.toFixed(3)}, p ${row.p_over_networks.toPrecision(2)})`;
      });
    return `${set}: own topic's loss over the others', in nats a token: ${own.join('; ')}`;
  });
}
