/** A decimal, unscaled x 10^-scale, as the nearest float64. */
export function decimalValue(unscaled: bigint | number, scale: number): number {
  // Both operands are exact, so that the quotient is rounded once.
  if (scale >= 0 && scale <= 22 && unscaled <= Number.MAX_SAFE_INTEGER && unscaled >= -Number.MAX_SAFE_INTEGER)
    return Number(unscaled) / 10 ** scale;
  return Number(`${unscaled}e${-scale}`);
}

/** Bytes of a two's complement integer. */
export function signedInteger(bytes: Uint8Array, littleEndian: boolean): bigint {
  let value = 0n;
  const ordered = littleEndian ? bytes.slice().reverse() : bytes;
  for (const byte of ordered) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}
