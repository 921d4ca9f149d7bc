/** A part of what a block keeps of a text from run to run, float32. */
export interface CachePart {
  /** `0.key`: the block's number and what it is. */
  name: string;
  /** Of one text. `capacity`: as many as there are positions to keep. */
  dims: readonly (number | 'capacity')[];
  /** Names by which later blocks, which read it too, write to it what is in it already. */
  also?: readonly string[];
}

/** Numbers that a part has for one text: for each position, where it keeps all of them, else in all. */
export const cacheSize = ({ dims }: CachePart, capacity = 1): number =>
  dims.reduce<number>((product, length) => product * (length === 'capacity' ? capacity : length), 1);

/** Whether a part grows with the text. */
export const grows = ({ dims }: CachePart): boolean => dims.includes('capacity');
