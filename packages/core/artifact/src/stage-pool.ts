import { allocatePages } from '@galvani/numerics';

/** Bytes of a stage. Direct writes of this size reach the disk's speed. */
export const stageBytes = 1 << 20;

/** Memory in which a file's bytes gather before they are written. It begins at a page's border, as direct writes want. */
export type Stage = Uint8Array<ArrayBuffer>;

const slabStages = 32;
/** Stages beyond which a file waits for writes of its own instead of taking more. */
const comfortable = 64;

const free: Stage[] = [];
let made = 0;

/** A stage that nobody uses; undefined where enough are in use and the caller had better wait for one of its own. */
export function takeStage(mustHave: boolean): Stage | undefined {
  if (free.length === 0) {
    if (made >= comfortable && !mustHave) return undefined;
    const buffer = allocatePages(slabStages * stageBytes);
    for (let i = 0; i < slabStages; i++) free.push(new Uint8Array(buffer, i * stageBytes, stageBytes));
    made += slabStages;
  }
  return free.pop();
}

/** Gives a stage back. */
export function returnStage(stage: Stage): void {
  free.push(stage);
}
