import type { StudyResults } from '../results/study-results.js';

/** Whether off blocks hold prompts of the other tasks, and not rest. */
export const hasNoRest = ({ plan }: Pick<StudyResults, 'plan'>): boolean => plan.glm.rest === 'none';

/** What a task is held against. */
export const offWords = (results: Pick<StudyResults, 'plan'>): string =>
  hasNoRest(results) ? 'the other tasks' : 'rest';
