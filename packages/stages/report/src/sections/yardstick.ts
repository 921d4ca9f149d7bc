import { whyAbsent } from '@galvani/study';
import { topicYardstick } from '../figures/topic-yardstick.js';
import { exceeded, yardstickMeasures, yardstickSentence } from '../findings/yardstick.js';
import { absent, figure } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, decimal, percent, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** Each task beside topics that nobody asked about. */
export function yardstickSection(results: StudyResults): Markup {
  const heading = 'Beside other topics';
  const { topics = [], contrasts = [] } = results.yardstick;
  const tasks = topics.filter(({ role }) => role === 'task');
  if (tasks.length === 0) return section('yardstick', heading, absent(why(results)));
  const [{ prompts, draws }] = tasks;
  const place = (measure: (typeof yardstickMeasures)[number]) => (task: (typeof tasks)[number]) => {
    const { below, of } = exceeded(topics, task, measure);
    return `${count(below)} of ${count(of)}`;
  };
  return section(
    'yardstick',
    heading,
    html`<p>${yardstickSentence(results).join(' ')} A network with members says that a task is not the average topic, which is true of every topic; this says whether it is more than others are.</p>`,
    figure({
      id: 'topic-yardstick',
      title: 'Each task beside every rest topic',
      drawing: yardstickMeasures.map((measure) => topicYardstick(topics, measure, results.tasks)),
      leastWidth: 360,
      shows: html`Every topic was taken for a task in turn: ${count(prompts)} of its prompts against twice as many rest prompts of the same runs, on other topics (means over ${count(draws)} draws). The squared effect is the mean over units of the squared difference from rest, in variances of prompts within topics, from two halves of the prompts that share none, so that chance alone gives 0; members are by the study’s own rule; identified is how often the two halves’ maps are each other’s most alike among all topics. The dashed line is the largest rest topic.`,
      imaging: 'A null distribution of the kind that a control condition gives: what any other topic would have shown.',
      interpretability:
        'Topics that the model knows well differ more from the rest than others do, whether or not anybody asked about them.',
    }),
    table(
      'Rest topics that each task exceeds, by each measure, and the p of the squared effect.',
      [
        { heading: 'task', cell: (task) => taskName(task.topic), text: true },
        { heading: 'squared effect', cell: place('squared_effect') },
        { heading: 'members', cell: place('members') },
        { heading: 'repeatability', cell: place('repeatability') },
        { heading: 'identification', cell: place('identified') },
        { heading: 'p', cell: (task) => probability(task.p_squared_effect) },
      ],
      tasks,
    ),
    html`<p>Rest topics are those of the prompt bank, and tasks were chosen, not drawn: the comparison is with these topics. All have equally many prompts here, fewer than tasks have in the rest of this page, so numbers are smaller.</p>`,
    contrasts.length === 0
      ? undefined
      : table(
          html`Contrasts with topics as the sample: units in which a task, or a group of topics, lies beyond where one more topic would. Topics are relabelled, so no p is below the least one. Of prompts’ variance, ${percent(contrasts[0].between_share)} lies between rest topics.`,
          [
            { heading: 'contrast', cell: (c) => taskName(c.contrast), text: true },
            { heading: 'topics', cell: (c) => count(c.group.split(' ').length) },
            { heading: 'rest topics', cell: (c) => count(c.rest_topics) },
            { heading: 'least p', cell: (c) => probability(c.smallest_p) },
            { heading: 'largest |t|', cell: (c) => decimal(Math.abs(c.largest_t)) },
            { heading: 'its family-wise p', cell: (c) => probability(c.p) },
            { heading: 'units that survive', cell: (c) => (c.members === 0 ? 'none' : count(c.members)) },
          ],
          contrasts,
        ),
  );
}

function why({ manifests, plan }: StudyResults): string {
  const absence = whyAbsent(plan, 'yardstick');
  if (absence !== undefined) return absence;
  const nothing = manifests.get('yardstick')?.facts.nothing;
  return typeof nothing === 'string'
    ? `Tasks are not compared with rest topics, since ${nothing}.`
    : 'Tasks have not been compared with rest topics yet.';
}
