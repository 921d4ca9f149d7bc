import { parseContrast } from './contrast-expression.js';
import type { Study } from './study-schema.js';

/** Names of a task's columns in a free course over positions: `task[0]`, or `task[0-3]` for several; the last is open. */
export function courseNames(task: string, { length, width }: { length: number; width: number }): string[] {
  return Array.from({ length }, (_, bin) => {
    const first = bin * width;
    if (bin === length - 1) return `${task}[${first}+]`;
    return width === 1 ? `${task}[${first}]` : `${task}[${first}-${first + width - 1}]`;
  });
}

/** What contrasts of a study may name, in the order of the design: tasks, their courses, modulators, confounds. */
export function designNames({ tasks, glm }: Pick<Study, 'tasks' | 'glm'>, confounds: readonly string[] = []): string[] {
  const { modulators = [] } = glm;
  return [
    ...taskNames({ tasks, glm }),
    ...modulators.flatMap(({ value, of }) => (of === 'all' ? [value] : tasks.map((task) => `${task}:${value}`))),
    ...confounds,
  ];
}

/** Of the names those that stand for tasks, their courses included. */
export function taskNames({ tasks, glm: { regressor } }: Pick<Study, 'tasks' | 'glm'>): string[] {
  return [...tasks, ...(regressor?.kind === 'fir' ? tasks.flatMap((task) => courseNames(task, regressor)) : [])];
}

/** The names that a contrast gives weight to. @throws UserMistake as parseContrast does */
export function namesInContrast(expression: string, names: readonly string[], baseline?: boolean): string[] {
  const { weights } = parseContrast(expression, names, baseline);
  return names.filter((_, k) => weights.some((row) => row[k] !== 0));
}
