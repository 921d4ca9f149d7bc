import { Decompress, decompress } from 'fzstd';

/** Memory that a frame may ask for as its window: what the reference decoder allows by default. */
const largestWindow = 128 << 20;
/** Bytes up to which the decoder's window, which is moved along with every block, costs little. */
const small = 1 << 20;

/**
 * Decodes a Zstandard frame of `length` bytes. Source: RFC 8878. Checksums are not verified.
 *
 * @throws Error if it is damaged or holds another number of bytes
 */
export function decodeZstandard(frame: Uint8Array, length: number): Uint8Array {
  checkWindow(frame);
  return length > small ? decodeAtOnce(frame, length) : decodeByBlocks(frame, length);
}

function decodeByBlocks(frame: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let end = 0;
  const stream = new Decompress((block) => {
    if (block.length > length - end) throw new Error('a Zstandard frame is too long');
    out.set(block, end);
    end += block.length;
  });
  stream.push(frame, true);
  if (end !== length) throw new Error('a Zstandard frame is too short');
  return out;
}

const mark = Uint8Array.from({ length: 32 }, (_, i) => 0x9d ^ (i * 0x5b));

function decodeAtOnce(frame: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  // The decoder does not say how much it wrote: where it ended early, the mark at the end is still there.
  out.set(mark, length - mark.length);
  decompress(frame, out);
  if (mark.every((byte, i) => out[length - mark.length + i] === byte))
    throw new Error('a Zstandard frame is too short');
  return out;
}

/** The decoder allocates the window that the frame's header names, whatever the frame holds. */
function checkWindow(frame: Uint8Array): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 6 || view.getUint32(0, true) !== 0xfd2fb528) throw new Error('this is not a Zstandard frame');
  const descriptor = frame[4];
  const single = (descriptor >> 5) & 1;
  const sizeBytes = [single, 2, 4, 8][descriptor >> 6];
  const at = 5 + (1 - single) + [0, 1, 2, 4][descriptor & 3];
  let window = 0;
  if (!single) window = 2 ** (10 + (frame[5] >> 3)) * (1 + (frame[5] & 7) / 8);
  else if (sizeBytes === 8) window = Number(view.getBigUint64(at, true));
  else if (sizeBytes === 4) window = view.getUint32(at, true);
  if (window > largestWindow && frame.length < window / 64)
    throw new Error('a Zstandard frame asks for too much memory');
}
