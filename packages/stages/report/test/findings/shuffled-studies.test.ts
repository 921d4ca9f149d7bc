import { clopperPearson } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { shuffledStudy } from '../../bench/shuffled-study.mjs';

test('topics shuffled among prompts are no evidence of any claim', async () => {
  const { results, verdicts } = await shuffledStudy(0);
  expect(results.networks.sizes.every(({ members }: { members: number }) => members === 0)).toBe(true);
  expect(new Set(verdicts.map(({ verdict }: { verdict: string }) => verdict))).toEqual(new Set(['no evidence']));
});

// `npm run bench -- shuffled` tries 200 of either kind, which takes minutes.
test('of shuffled studies whose networks have members by chance few support a claim, or speak against it', async () => {
  const studies = 5;
  const wrong = new Map<string, number>();
  for (let i = 0; i < studies; i++)
    for (const { claim, verdict } of (await shuffledStudy(100 + i, { correction: 'none' })).verdicts)
      if (verdict === 'supported' || verdict === 'against')
        wrong.set(`${claim} ${verdict}`, (wrong.get(`${claim} ${verdict}`) ?? 0) + 1);
  for (const [said, count] of wrong) expect(clopperPearson(count, studies).lower, said).toBeLessThanOrEqual(0.05);
});
