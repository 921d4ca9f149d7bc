import { join } from 'node:path';
import { openShares, piecesOf, studyFolder, writeShare } from '@galvani/study';
import type { DividedStage } from '@galvani/terminal';
import type { Fold } from './fold.js';
import { readFold, writeFold } from './fold-file.js';
import { readActivity, readDecoding } from './prepared-decoding.js';
import { writeDecoding } from './write-decoding.js';

const foldFile = (held: number) => `fold-${held + 1}.arrays`;

/** The stage by shares of its folds. What permuted labels identify adds up over folds, and is counted where they are joined. */
export const dividedDecoding: DividedStage = {
  async doShares(args, shares) {
    const decoding = await readDecoding(args);
    const { record, folds } = await readActivity(args, decoding);
    const heldBy = (share: (typeof shares)[number]) => placesOf(piecesOf(share, decoding.sessions.length));
    // Folds share the work of relabelling.
    const held = shares.flatMap(heldBy);
    const made = await folds(held);
    for (const share of shares)
      await writeShare(studyFolder(args.study, args.root), 'decode', share, async (place) => {
        for (const each of heldBy(share)) await writeFold(place(foldFile(each)), made[held.indexOf(each)]);
        return record;
      });
  },

  async joinShares(args, of) {
    const folder = studyFolder(args.study, args.root);
    const shares = await openShares(folder, 'decode', of, { signal: args.signal });
    const decoding = await readDecoding(args);
    const folds: Fold[] = [];
    for (const [k, { path }] of shares.entries())
      for (const held of placesOf(piecesOf({ number: k + 1, of }, decoding.sessions.length)))
        folds.push(await readFold(join(path, foldFile(held))));
    const [{ manifest }] = shares;
    const { plan, parameters, inputs } = manifest;
    await writeDecoding(folder, decoding, folds, { plan, parameters, inputs });
  },
};

const placesOf = ({ from, until }: { from: number; until: number }) =>
  Array.from({ length: until - from }, (_, k) => from + k);
