type NumberArray = Float64Array | Float32Array | Int8Array | Uint8Array;

/** Typed arrays of one kind joined end to end, in a new array. */
export function concatenate<A extends NumberArray>(parts: readonly A[]): A {
  const Kind = parts[0].constructor as new (length: number) => A;
  const out = new Kind(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
