import { allocatePages } from './page-memory.js';

/** Bytes of a write buffer. Direct writes of this size reach the disk's speed. */
export const writeBufferBytes = 1 << 20;

/** Memory in which a file's bytes gather before they are written. It begins at a page's border, as direct writes want. */
export type WriteBuffer = Uint8Array<ArrayBuffer>;

const slabBuffers = 32;
/** With so many in use, a file waits for its own writes to end instead of taking another. */
const comfortable = 64;

const free: WriteBuffer[] = [];
let made = 0;

/** A buffer that nobody uses; undefined where enough are in use and the caller had better wait for one of its own. */
export function takeWriteBuffer(mustHave: boolean): WriteBuffer | undefined {
  if (free.length === 0) {
    if (made >= comfortable && !mustHave) return undefined;
    const slab = allocatePages(slabBuffers * writeBufferBytes);
    for (let i = 0; i < slabBuffers; i++) free.push(new Uint8Array(slab, i * writeBufferBytes, writeBufferBytes));
    made += slabBuffers;
  }
  return free.pop();
}

/** Gives a buffer back. */
export function returnWriteBuffer(buffer: WriteBuffer): void {
  free.push(buffer);
}
