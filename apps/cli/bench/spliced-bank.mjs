import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Topics that are tasks; the sixth of the default study, random strings, needs no prompts. */
export const taskTopics = ['political-science', 'medical-imaging', 'paleontology', 'archaeology', 'pathology'];

/**
 * A bank with as many prompts as a study asks for, as CSV: the beginning of one embedded prompt and the end of another on the same topic.
 *
 * @param perTask prompts of each task, at most 3,600
 * @param perRest prompts of each other topic, at most 256
 */
export async function splicedBank(root, perTask, perRest) {
  const [, ...lines] = (await readFile(join(root, 'data/prompts/prompts.csv'), 'utf8')).trim().split('\n');
  const topics = new Map();
  for (const line of lines) {
    const [, topic, , ...text] = line.split(',');
    const words = text.join(' ').replaceAll('"', '').split(' ');
    topics.set(topic, [...(topics.get(topic) ?? []), words]);
  }
  const rows = ['id,topic,text'];
  for (const [topic, texts] of topics) {
    const count = taskTopics.includes(topic) ? perTask : perRest;
    for (let k = 0; k < count; k++) {
      // Each beginning with each end, one further away every time round.
      const first = texts[k % texts.length];
      const second = texts[(k + Math.floor(k / texts.length)) % texts.length];
      const text = [...first.slice(0, first.length >> 1), ...second.slice(second.length >> 1)].join(' ');
      rows.push(`${topic}-${k},${topic},${text}`);
    }
  }
  return `${rows.join('\n')}\n`;
}
