import { contentWords } from './content-words.js';
import { type PresentedPrompts, rowsWhere } from './presented-prompts.js';

/** Prompts that are held out together, and those that everything is learnt from. Both count rows of all prompts. */
export interface ControlFold {
  /** Session that is held out, from 0. */
  session: number;
  /** Task prompts to identify. */
  heldOut: Int32Array;
  /** Prompts of task and rest of the other sessions. */
  training: Int32Array;
}

/** What held-out prompts have not in common with those that anything is learnt from. */
export type FoldKind = 'sessions' | 'forms' | 'words';

/** Each session held out in turn. */
export function sessionFolds(prompts: PresentedPrompts): ControlFold[] {
  return [...new Set(prompts.session)].map((session) => ({
    session,
    heldOut: rowsWhere(prompts, (row) => prompts.session[row] === session && prompts.isTask[row] === 1),
    training: rowsWhere(prompts, (row) => prompts.session[row] !== session),
  }));
}

/** Each form of prompt within each session: other sessions' prompts of other forms know it. None where there is one form. */
export function formFolds(prompts: PresentedPrompts): ControlFold[] {
  const form = (row: number) => prompts.events[row].form;
  const forms = [...new Set(prompts.events.map((event) => event.form))].sort();
  if (forms.length < 2) return [];
  return sessionFolds(prompts).flatMap(({ session, heldOut, training }) =>
    forms.flatMap((own) => {
      const held = heldOut.filter((row) => form(row) === own);
      return held.length === 0
        ? []
        : [{ session, heldOut: held, training: training.filter((row) => form(row) !== own) }];
    }),
  );
}

/** Each prompt by itself: other sessions' prompts that share a content word with it, of task or rest, teach nothing about it. */
export function wordFolds(prompts: PresentedPrompts): ControlFold[] {
  const words = prompts.events.map(({ text }) => contentWords(text));
  return sessionFolds(prompts).flatMap(({ session, heldOut, training }) =>
    Array.from(heldOut, (row) => ({
      session,
      heldOut: Int32Array.of(row),
      training: training.filter((other) => [...words[other]].every((word) => !words[row].has(word))),
    })),
  );
}
