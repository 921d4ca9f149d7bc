import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImportedGenerator } from '../../src/onnx-import/imported-generator.js';
import { readingRuns } from '../../src/onnx-import/read-imported.js';

const text = fc.integer({ min: 1, max: 300 }).map((length) => new Int32Array(length));
const texts = fc.array(text, { minLength: 1, maxLength: 30 });

test('every token is read once, text after text, and few together', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 1e6 }), fc.boolean(), fc.boolean(), (all, width, together, one) => {
      const ports = { mostRows: one ? 1 : Number.POSITIVE_INFINITY };
      const generator = { sites: [{ width }], ports, vocabularySize: 50 } as unknown as ImportedGenerator;
      const read = all.map(() => 0);
      let before = 0;
      for (const { firstRow, rows, from, to } of readingRuns(generator, { texts: all }, together)) {
        if (rows > 1) expect([from, to * rows < 129, together && !one]).toEqual([0, true, true]);
        expect(firstRow).toBeGreaterThanOrEqual(before);
        for (let row = firstRow; row < firstRow + rows; row++) {
          expect(read[row]).toBe(from);
          read[row] = Math.min(to, all[row].length);
        }
        before = firstRow + rows - 1;
      }
      expect(read).toEqual(all.map(({ length }) => length));
    }),
  );
});
