import fc from 'fast-check';
import { isNIFTI2, readHeader, readImage } from 'nifti-reader-js';
import { describe, expect, test } from 'vitest';
import { narrowest, niftiBytes } from '../src/nifti.js';

const codes = { Uint8Array: 2, Int32Array: 8, Float32Array: 16, Float64Array: 64 };

describe('an image, as nifti-reader-js reads it', () => {
  test.each([
    Uint8Array.of(0, 1, 255),
    Int32Array.of(-1, 2 ** 31 - 1),
    Float32Array.of(Number.NaN, -0, 1.5e-40, Number.POSITIVE_INFINITY),
    Float64Array.of(Math.PI, -1e-320, 1e308),
  ])('%s', (values) => {
    const bytes = niftiBytes({ values, description: 'an image', intent: { code: 3, parameters: [12.5] } });
    const { buffer } = bytes;
    expect(isNIFTI2(buffer as ArrayBuffer)).toBe(true);
    const header = readHeader(buffer as ArrayBuffer)!;
    expect(header.dims.slice(0, 4)).toEqual([3, values.length, 1, 1]);
    expect(header.datatypeCode).toBe(codes[values.constructor.name as keyof typeof codes]);
    expect([header.numBitsPerVoxel, header.littleEndian]).toEqual([8 * values.BYTES_PER_ELEMENT, true]);
    expect([header.description.replace(/\0+$/, ''), header.intent_code, header.intent_p1]).toEqual([
      'an image',
      3,
      12.5,
    ]);
    expect([header.scl_slope, header.scl_inter, header.qform_code, header.sform_code]).toEqual([1, 0, 0, 1]);
    expect(header.affine).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ]);
    const image = readImage(header, buffer as ArrayBuffer);
    const Type = values.constructor as Float64ArrayConstructor;
    expect(new Type(image as ArrayBuffer)).toEqual(values);
  });

  test('has more units than NIfTI-1 could count', () => {
    const header = readHeader(niftiBytes({ values: new Uint8Array(70_000), description: '' }).buffer as ArrayBuffer)!;
    expect(header.dims[1]).toBe(70_000);
  });
});

test('numbers become float32 where that loses none of them', () => {
  expect(narrowest(Float64Array.of(0.5, Number.NaN, -0))).toEqual(Float32Array.of(0.5, Number.NaN, -0));
  fc.assert(
    fc.property(fc.float64Array(), (values) => {
      expect(Float64Array.from(narrowest(values))).toEqual(values);
    }),
  );
});
