/** Bytes of a safetensors file with any header, for tests of what is wrong with it. */
export function safetensors(header: object | string, data: Uint8Array | number = 0): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, typeof data === 'number' ? Buffer.alloc(data) : data]);
}
