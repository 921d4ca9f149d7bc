// How often verdicts are wrong in small studies whose topics are shuffled among all prompts, so that no claim is true: at most at the 5% of
// each test, with a binomial interval of the studies tried. Exit code 1 where one is surely wrong more often.
//
//   node packages/stages/report/bench/shuffled-studies.mjs [--studies 200] [--first 0]
//
// familywise: the default, whose networks are empty but for 1 in 20. none: networks without any correction, so that each has members by
// chance and nothing is decided by their being empty.
import { parseArgs } from 'node:util';
import { clopperPearson } from '@galvani/numerics';
import { shuffledStudy } from './shuffled-study.mjs';

const { values } = parseArgs({
  options: { studies: { type: 'string', default: '200' }, first: { type: 'string', default: '0' } },
});
const [studies, first] = [Number(values.studies), Number(values.first)];
const nominal = 0.05;
const percent = (share) => `${(100 * share).toFixed(1)}%`;
for (const correction of ['familywise', 'none']) {
  const counts = new Map();
  for (let i = 0; i < studies; i++)
    for (const { claim, verdict } of (await shuffledStudy(first + i, { correction })).verdicts) {
      const own = counts.get(claim) ?? { supported: 0, against: 0, 'no evidence': 0, 'cannot be said': 0 };
      own[verdict]++;
      counts.set(claim, own);
    }
  console.log(`correction ${correction}, ${studies} studies`);
  for (const [claim, own] of counts) {
    const rates = ['supported', 'against'].map((verdict) => {
      const { lower, upper } = clopperPearson(own[verdict], studies);
      if (lower > nominal) process.exitCode = 1;
      const often = lower > nominal ? ', more often than 5%' : '';
      return `${verdict} ${percent(own[verdict] / studies)} (${percent(lower)} to ${percent(upper)})${often}`;
    });
    const unsaid = own['cannot be said'] > 0 ? `, cannot be said ${percent(own['cannot be said'] / studies)}` : '';
    console.log(`  ${claim} ${rates.join(', ')}${unsaid}`);
  }
}
