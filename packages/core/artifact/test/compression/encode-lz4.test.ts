import { xxh32 } from '@node-rs/xxhash';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeLz4Frame } from '../../src/compression/encode-lz4.js';
import { decodeLz4Frame } from '../../src/compression/lz4.js';

const roundTrip = (bytes: Uint8Array) => decodeLz4Frame(encodeLz4Frame(bytes), bytes.length);

test('a frame decodes to what was encoded, whatever repeats in it', () => {
  const piece = fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }), times: fc.nat(600) });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const bytes = Uint8Array.from(
        pieces.flatMap(({ bytes: own, times }) =>
          Array(times)
            .fill([...own])
            .flat(),
        ),
      );
      expect(Buffer.compare(roundTrip(bytes), bytes)).toBe(0);
    }),
  );
});

test('so it does where matches reach as far as they may, and over the borders of blocks', () => {
  const far = Uint8Array.from({ length: 140_000 }, (_, i) => Math.imul(i % 65_535, 2654435761) >>> 24);
  expect(Buffer.compare(roundTrip(far), far)).toBe(0);
  const large = new Uint8Array((4 << 20) + 5);
  large.set(far, (4 << 20) - far.length + 5);
  expect(Buffer.compare(roundTrip(large), large)).toBe(0);
  expect(encodeLz4Frame(large).length).toBeLessThan(0.05 * large.length);
});

test('what repeats takes next to nothing, and what does not no more than its length and a frame', () => {
  expect(encodeLz4Frame(new Uint8Array(100_000)).length).toBeLessThan(500);
  let state = 1;
  const noise = Uint8Array.from({ length: 100_000 }, () => {
    state = Math.imul(state, 1664525) + 1013904223;
    return state >>> 24;
  });
  const stored = encodeLz4Frame(noise);
  expect(stored.length).toBe(noise.length + 15);
  expect(Buffer.compare(decodeLz4Frame(stored, noise.length), noise)).toBe(0);
});

test('a frame’s header bears its checksum', () => {
  const frame = encodeLz4Frame(new Uint8Array(64));
  expect(frame[6]).toBe((xxh32(Buffer.from(frame.subarray(4, 6)), 0) >>> 8) & 0xff);
});
