import { count, counted, listed, percent } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { sumBy } from './network-size.js';

/** How many units survive in each contrast, in a sentence each; none where the study has no contrast. */
export function contrastSentences({ networks, plan }: Pick<StudyResults, 'networks' | 'plan'>): string[] {
  const rows = networks.contrast_sizes ?? [];
  const F = new Set((networks.contrast_units ?? []).filter(({ t }) => Number.isNaN(t)).map(({ contrast }) => contrast));
  return [...new Set(rows.map(({ contrast }) => contrast))].map((contrast) => {
    const own = rows.filter((row) => row.contrast === contrast);
    const { units, members, positive, negative } = sumBy(own, () => '').get('')!;
    const name = `the contrast “${contrast}”`;
    const taken = plan.networks.top !== undefined;
    if (members === 0) return `In ${name} no unit survives.`;
    const most = [...sumBy(own, (row) => row.kind)].sort(([, a], [, b]) => b.members - a.members)[0];
    const where =
      most[1].members === members
        ? `all in sites of kind ${most[0]}`
        : `${percent(most[1].members / members)} in sites of kind ${most[0]}`;
    const signs = F.has(contrast) ? [] : [`${count(positive)} above 0`, `${count(negative)} below`];
    return `In ${name} ${counted(members, 'unit')} of ${count(units)} ${taken ? 'are taken' : members === 1 ? 'survives' : 'survive'} (${listed([...signs, where])}).`;
  });
}
