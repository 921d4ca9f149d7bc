import { whyAbsent } from '@galvani/study';
import type { StudyResults } from '../../results/study-results.js';
import { paperSays } from '../paper-claims.js';
import { beyondTopics } from './beyond-topics.js';
import { beyondWording } from './beyond-wording.js';
import { apart } from './distances.js';
import { identified } from './identification.js';
import { neededNetworks } from './needed-networks.js';
import { overlapping } from './overlap.js';
import { ownNetworks, repeatedNetworks } from './session-likeness.js';
import { steeredNetworks } from './steered-networks.js';
import type { Verdict } from './verdict.js';

/** What a study says of each claim. Only a study of the paper's tasks is held beside the paper. */
export function verdicts(results: StudyResults): (Verdict & { paper?: string })[] {
  const paper = paperSays(results);
  const beside = (verdict: Verdict, says: string | undefined) =>
    says === undefined ? verdict : { ...verdict, paper: says };
  return [
    beside(ownNetworks(results), paper?.ownNetworks),
    beside(repeatedNetworks(results), paper?.repeatedNetworks),
    beside(overlapping(results), paper?.overlapping),
    apart(results),
    ...identified(results).map((verdict) => beside(verdict, paper?.identified)),
    ...beyondWording(results),
    ...(whyAbsent(results.plan, 'yardstick') === undefined ? [beyondTopics(results)] : []),
    ...neededNetworks(results),
    ...steeredNetworks(results),
  ];
}
