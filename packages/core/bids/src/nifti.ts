/** NIfTI-2: https://nifti.nimh.nih.gov/pub/dist/doc/nifti2.h. NIfTI-1 counts voxels of a dimension up to 32,767, which is fewer than models have units. */

/** An image of one dimension: the value of unit u is voxel [u, 0, 0]. */
export interface NiftiImage {
  values: Uint8Array | Int32Array | Float32Array | Float64Array;
  /** At most 79 bytes of ASCII. */
  description: string;
  intent?: NiftiIntent;
}

/** What values are (NIFTI_INTENT_…): t with its degrees of freedom, F with both, a z score, p, log10 p, an estimate, a label. */
export interface NiftiIntent {
  code: 3 | 4 | 5 | 22 | 24 | 1001 | 1002;
  parameters?: readonly number[];
}

const headerBytes = 540;
/** The header and the four bytes that say that no extension follows. */
const dataOffset = 544;

/** An image as the bytes of a .nii file, little-endian. */
export function niftiBytes({ values, description, intent }: NiftiImage): Uint8Array {
  const bytes = new Uint8Array(dataOffset + values.byteLength);
  const view = new DataView(bytes.buffer);
  const int32 = (at: number, value: number) => view.setInt32(at, value, true);
  const int64 = (at: number, value: number) => view.setBigInt64(at, BigInt(value), true);
  const float64 = (at: number, value: number) => view.setFloat64(at, value, true);
  const text = (at: number, value: string) => bytes.set(Buffer.from(value, 'latin1'), at);
  const { code, size } = dataType(values);
  int32(0, headerBytes);
  text(4, 'n+2\0\r\n\x1a\n');
  view.setInt16(12, code, true);
  view.setInt16(14, 8 * size, true);
  // dim: three dimensions, which readers of volumes expect, two of them of one voxel.
  for (const [k, length] of [3, values.length, 1, 1, 1, 1, 1, 1].entries()) int64(16 + 8 * k, length);
  for (const [k, parameter] of (intent?.parameters ?? []).entries()) float64(80 + 8 * k, parameter);
  for (let k = 0; k < 8; k++) float64(104 + 8 * k, 1);
  int64(168, dataOffset);
  // Values are stored as they are.
  float64(176, 1);
  text(240, description.slice(0, 79));
  // sform: the identity, so that the coordinate x is the unit. Without any form readers warn, or flip the axis.
  int32(348, 1);
  for (let row = 0; row < 3; row++) float64(400 + 32 * row + 8 * row, 1);
  // Millimetres and seconds, since some readers refuse an image without units.
  int32(500, 2 + 8);
  int32(504, intent?.code ?? 0);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), dataOffset);
  return bytes;
}

function dataType(values: NiftiImage['values']): { code: number; size: number } {
  if (values instanceof Uint8Array) return { code: 2, size: 1 };
  if (values instanceof Int32Array) return { code: 8, size: 4 };
  return values instanceof Float32Array ? { code: 16, size: 4 } : { code: 64, size: 8 };
}

/** The same numbers as float32 where that holds each of them as it is; a study's maps store most statistics so. */
export function narrowest(values: Float64Array): Float32Array | Float64Array {
  return values.every((value) => Object.is(Math.fround(value), value)) ? Float32Array.from(values) : values;
}
