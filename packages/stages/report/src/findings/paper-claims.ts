import { decimal, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { overlapOf, overlapPairs } from './network-overlap.js';

/** The tasks of Nencka et al. 2023 (arXiv 2311.10898), by their names in the prompt bank. */
const paperTasks = [
  'political-science',
  'medical-imaging',
  'paleontology',
  'archaeology',
  'pathology',
  'random-strings',
];

/** What the paper's abstract says of a claim; nothing where one of its tasks is not in the study, which then has nothing to compare. */
export function paperSays({ tasks, networks }: Pick<StudyResults, 'tasks' | 'networks'>) {
  if (!paperTasks.every((task) => tasks.includes(task))) return undefined;
  return {
    ownNetworks: 'Networks of tasks are distinct.',
    repeatedNetworks: 'Networks repeat.',
    overlapping: `Networks overlap, most those of medical imaging and pathology.${rankHere(networks, tasks)}`,
    identified: 'Networks identify the task.',
  };
}

/** Where the paper's pair stands here. */
function rankHere(networks: StudyResults['networks'], tasks: readonly string[]): string {
  const pairs = overlapPairs(networks.overlap ?? [], tasks);
  const pair = overlapOf(pairs, 'medical-imaging', 'pathology');
  if (!pair || pair.same === 0) return '';
  const rank = pairs.filter((other) => other.dice > pair.dice).length + 1;
  const own = ` Here they are ${rank === 1 ? 'the first' : `number ${rank}`} of ${pairs.length} pairs (Dice ${decimal(pair.dice)})`;
  const [lead] = pairs;
  return rank === 1
    ? `${own}.`
    : `${own}; ${taskName(lead.task_a)} and ${taskName(lead.task_b)} overlap most (${decimal(lead.dice)}).`;
}
