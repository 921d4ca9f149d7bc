import { canonicalJson } from '@galvani/artifact';
import { encodeFloat16 } from '@galvani/numerics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalNaN } from '../src/canonical-nan.js';
import { anyNaN } from './any-nan.js';

const bytes = (values: Float64Array | Float32Array | Uint16Array) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');

test.each([Float64Array, Float32Array])(
  '%o: every NaN gets the bits of the quiet NaN, and no other value changes',
  (type) => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double({ noNaN: true }), anyNaN(type))), (values) => {
        const given = type.from(values);
        const expected = given.map((value) => (Number.isNaN(value) ? 0 : value));
        const quiet = bytes(
          type.BYTES_PER_ELEMENT === 8
            ? new Float64Array(Uint32Array.of(0, 0x7ff80000).buffer)
            : new Float32Array(Uint32Array.of(0x7fc00000).buffer),
        );
        // Part of a larger buffer, as columns of one are.
        const around = new type(given.length + 2).fill(1);
        around.set(given, 1);
        canonicalNaN(around.subarray(1, 1 + given.length));
        expect([around[0], around[around.length - 1]]).toEqual([1, 1]);
        for (const [i, value] of values.entries())
          expect(bytes(around.slice(i + 1, i + 2))).toBe(Number.isNaN(value) ? quiet : bytes(expected.slice(i, i + 1)));
      }),
    );
  },
);

test('a NaN in half precision has one pattern too', () => {
  fc.assert(
    fc.property(anyNaN(Float32Array), (value) => {
      const half = new Uint16Array(1);
      expect(encodeFloat16(Float32Array.of(value), half)).toBe(-1);
      expect(bytes(half)).toBe('007e');
    }),
  );
});

test('JSON keeps numbers that it has no word for, as text', () => {
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  expect(JSON.parse(canonicalJson({ b: [nan, infinity], a: -infinity, c: Float64Array.of(0.5, nan) }))).toEqual({
    a: '-Infinity',
    b: ['NaN', 'Infinity'],
    c: [0.5, 'NaN'],
  });
});
