import { formatCount } from '@galvani/terminal';
import type { Study } from './study-schema.js';

/** What stands in place of a stage's parameters where the stage makes no sense for a study. */
export interface Absent {
  /** What it needs, what the study has and what to change, in a sentence or two. */
  absent: string;
}

export const isAbsent = (told: object): told is Absent => 'absent' in told;

/** Why a study's tasks are not identified: held-out sessions are what is identified, and other tasks what a task is told from. */
export function noIdentification({ tasks, design: { sessions } }: Study): Absent | undefined {
  const parts = [
    { count: sessions, of: 'session', to: 'hold one out', change: 'raise design.sessions' },
    { count: tasks.length, of: 'task', to: 'tell them apart', change: 'add a task to tasks' },
  ];
  const few = parts.filter(({ count }) => count < 2);
  if (few.length === 0) return undefined;
  const needs = few.map(({ of, to }) => `2 ${of}s or more to ${to}`).join(', and ');
  const has = few.map(({ count, of }) => `${formatCount(count)} ${of}`).join(' and ');
  const changes = few.map(({ change }) => change).join(' and ');
  return {
    absent: `Identification takes ${needs}; the study has ${has}. ${changes[0].toUpperCase()}${changes.slice(1)}.`,
  };
}
