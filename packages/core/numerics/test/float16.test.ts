import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFloat16, encodeFloat16, encodeFloat16Value, firstInfiniteFloat16 } from '../src/index.js';

test('every half-precision number is its own encoding', () => {
  const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const values = decodeFloat16(bits);
  expect(bits.filter((own, i) => !Number.isNaN(values[i]) && encodeFloat16Value(values[i]) !== own)).toEqual(
    new Uint16Array(0),
  );
});

test('rounding picks the nearest, and the even one of two equally near', () => {
  const positive = decodeFloat16(Uint16Array.from({ length: 0x7c00 }, (_, i) => i));
  fc.assert(
    fc.property(fc.float({ min: 0, max: 65_504, noNaN: true }), (x) => {
      const code = encodeFloat16Value(x);
      const error = Math.abs(positive[code] - x);
      for (const neighbour of [code - 1, code + 1]) {
        if (neighbour < 0 || neighbour >= 0x7c00) continue;
        const other = Math.abs(positive[neighbour] - x);
        expect(error).toBeLessThanOrEqual(other);
        if (error === other) expect(code % 2).toBe(0);
      }
    }),
  );
});

test('overflow is located; infinities and NaN pass', () => {
  const out = new Uint16Array(4);
  expect(encodeFloat16(Float32Array.of(1, Number.POSITIVE_INFINITY, -65_520, 7e4), out)).toBe(2);
  expect(encodeFloat16(Float32Array.of(1, 65_519, Number.NaN, -1), out)).toBe(-1);
  expect(Number.isNaN(decodeFloat16(out)[2])).toBe(true);
});

test('the first infinity among halves is found wherever it stands, and NaN is none', () => {
  const values = fc.array(fc.constantFrom(0, 0x3c00, 0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7e00, 0xfe01), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(values, fc.nat(3), (numbers, offset) => {
      const held = Uint16Array.of(...Array(offset).fill(0x7c00), ...numbers);
      expect(firstInfiniteFloat16(held.subarray(offset))).toBe(numbers.findIndex((h) => (h & 0x7fff) === 0x7c00));
    }),
  );
});
