import type { SteerRow } from '@galvani/artifact';
import type { TextDecoder } from './text-decoder.js';

const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(2)}`;

/** What steering did, for the terminal: each task at the strength that shifts its topic most. */
export function steerSentences(rows: readonly SteerRow[], heldOut: TextDecoder['heldOut']): string[] {
  const tasks = [...new Set(rows.map(({ task }) => task))];
  const shifts = tasks.flatMap((task) => {
    const [most] = rows
      .filter((row) => row.task === task && row.strength > 0)
      .sort((a, b) => b.shift - a.shift || a.strength - b.strength);
    if (!most) return [];
    const { strength, shift, random_shift, p_over_family } = most;
    return [
      `${task} ${signed(shift)} at strength ${strength} (random directions ${signed(random_shift)}, p ${p_over_family.toPrecision(2)})`,
    ];
  });
  const [texts, right] = [heldOut.reduce((s, own) => s + own.texts, 0), heldOut.reduce((s, own) => s + own.right, 0)];
  return [
    ...(texts > 0
      ? [
          `the decoder of texts finds the task of ${right} of ${texts} untouched texts of sessions that it did not learn from`,
        ]
      : []),
    ...(shifts.length > 0 ? [`probability of the task in what is written: ${shifts.join('; ')}`] : []),
  ];
}
