import fc from 'fast-check';

/** NaN with any sign and payload, as a computation may leave it. */
export function anyNaN(type: typeof Float64Array | typeof Float32Array): fc.Arbitrary<number> {
  const words = type.BYTES_PER_ELEMENT / 4;
  const quiet = words === 2 ? 0x7ff80000 : 0x7fc00000;
  const payload = fc.integer({ min: 0, max: words === 2 ? 0x7ffff : 0x3fffff });
  return fc.tuple(fc.boolean(), payload, fc.integer({ min: 0, max: 0xffffffff })).map(([negative, high, low]) => {
    const top = (quiet | high | (negative ? 0x80000000 : 0)) >>> 0;
    return new type(Uint32Array.from(words === 2 ? [low, top] : [top]).buffer)[0];
  });
}
