import { partWord } from '@galvani/pipeline';
import type { ServedStudy } from './serve-view.js';
import type { StudyView } from './view-types.js';

/** Makes what the page asks first, the study and its first map, while the browser is still loading the page. What is wrong is told when it is asked for. */
export async function readAhead({ parts }: ServedStudy): Promise<void> {
  try {
    const part = await parts.part(['study.json']);
    const { maps } = JSON.parse(Buffer.from(part!.bytes).toString()) as StudyView;
    if (maps.length > 0) await parts.part(['maps', partWord(maps[0].name), 'member.arrow']);
  } catch {
    // The page asks again.
  }
}
