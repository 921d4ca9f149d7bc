import { UserMistake } from '@galvani/terminal';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseContrast } from '../src/index.js';

const columns = ['pathology', 'medical-imaging', 'paleontology', 'archaeology', 'run 0'];
const weights = (expression: string, names: readonly string[] = columns) =>
  parseContrast(expression, names).weights.map((row) => Array.from(row));

describe('t contrasts', () => {
  test.each([
    ['pathology - medical-imaging', [1, -1, 0, 0, 0]],
    ['pathology-medical-imaging', [1, -1, 0, 0, 0]],
    ['[paleontology, archaeology] - rest', [0, 0, 0.5, 0.5, 0]],
    ['0.5*paleontology + 0.5 * archaeology - rest', [0, 0, 0.5, 0.5, 0]],
    ['rest - pathology', [-1, 0, 0, 0, 0]],
    ['-pathology + 2 medical-imaging', [-1, 2, 0, 0, 0]],
    ['(pathology + medical-imaging) / 2 - [paleontology, archaeology]', [0.5, 0.5, -0.5, -0.5, 0]],
    ['"run 0"', [0, 0, 0, 0, 1]],
    ["'medical-imaging' - 'pathology'", [-1, 1, 0, 0, 0]],
    ['3 * [pathology - medical-imaging, paleontology] / 3', [0.5, -0.5, 0.5, 0, 0]],
    ['2e-1 pathology', [0.2, 0, 0, 0, 0]],
  ])('%s', (expression, wanted) => {
    const contrast = parseContrast(expression, columns);
    expect(contrast.kind).toBe('t');
    expect(Array.from(contrast.weights[0])).toEqual(wanted);
    expect(contrast.name).toBe(expression);
  });
  test('rest is a column where there is one', () => {
    expect(weights('a - rest', ['a', 'rest'])).toEqual([[1, -1]]);
  });
  test('takes the longest known name', () => {
    expect(weights('a-b', ['a', 'b', 'a-b'])).toEqual([[0, 0, 1]]);
    expect(weights('a - b', ['a', 'b', 'a-b'])).toEqual([[1, -1, 0]]);
    expect(weights('2x', ['2x', 'x'])).toEqual([[1, 0]]);
  });
});

describe('F contrasts', () => {
  test('by a list or by F:', () => {
    expect(parseContrast('pathology, paleontology', columns).kind).toBe('F');
    expect(weights('F: pathology - medical-imaging')).toEqual([[1, -1, 0, 0, 0]]);
    expect(parseContrast('F: pathology', columns).kind).toBe('F');
    expect(weights('F: pathology, medical-imaging - rest')).toEqual([
      [1, 0, 0, 0, 0],
      [0, 1, 0, 0, 0],
    ]);
  });
});

describe('mistakes', () => {
  test.each([
    ['1e400*pathology', 'the number 1e400 is too large at character 1'],
    ['pathology - 1e-400*archaeology', 'the number 1e-400 is too small at character 13'],
    ['pathology/1e400', 'the number 1e400 is too large at character 11'],
    ['1e200*pathology', "weighs 'pathology' by 1e+200; a weight is between 1e-20 and 1e20 in size"],
    ['pathology - 1e-200*pathology/1e-250', "weighs 'pathology' by -9.99"],
    ['1e-200*archaeology - rest', "weighs 'archaeology' by 1e-200"],
    ['1e308*pathology + 1e308*pathology', "weighs 'pathology' by Infinity"],
    ['F: archaeology, 1e30*pathology', "weighs 'pathology' by 1e+30"],
  ])('a weight that overflows or vanishes: %s', (expression, message) => {
    expect(() => parseContrast(expression, columns)).toThrow(message);
    expect(() => parseContrast(expression, columns)).toThrow(UserMistake);
  });
  test('zeros and large numbers that cancel are none', () => {
    expect(weights('0e5*archaeology + 1e-200*(1e200*pathology)')).toEqual([[1, 0, 0, 0, 0]]);
  });
  test('point at the place and list what is known', () => {
    expect(() => parseContrast('pathology - medcal', columns)).toThrow(
      new UserMistake(
        "Contrast 'pathology - medcal': unknown name 'medcal' at character 13.\n  pathology - medcal\n              ^\nKnown names: pathology, medical-imaging, paleontology, archaeology, run 0, rest.",
      ),
    );
  });
  test.each([
    ['', 'a name is missing'],
    ['pathology -', 'a name is missing'],
    ['[pathology', "']' is missing"],
    ['(pathology', "')' is missing"],
    ['"pathology', 'the closing " is missing'],
    ['"nothing"', "unknown name 'nothing'"],
    ['pathology medical-imaging', "'m' is out of place"],
    ['pathology / 0', 'a number other than 0 must follow /'],
    ['pathology / x', 'a number other than 0 must follow /'],
    ['2', 'a name is missing'],
    ['rest', 'Every weight'],
    ['pathology - pathology', 'Every weight'],
    ['pathology, rest', 'Every weight of part 2'],
    ['pathologyx', "unknown name 'pathologyx'"],
  ])('%s: %s', (expression, message) => {
    expect(() => parseContrast(expression, columns)).toThrow(UserMistake);
    expect(() => parseContrast(expression, columns)).toThrow(message);
  });
  test('any text is a contrast or a person’s mistake, and never anything else', () => {
    const piece = fc.constantFrom(
      'pathology',
      'rest',
      '-',
      '+',
      '*',
      '/',
      '[',
      ']',
      '(',
      ')',
      ',',
      ' ',
      '2',
      '0.5',
      '"',
      'F:',
      'x',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          for (const row of parseContrast(pieces.join(''), columns).weights) {
            expect(row.length).toBe(columns.length);
            expect(row.every(Number.isFinite)).toBe(true);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(UserMistake);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('a written sum has the weights it was written from', () => {
  const weight = fc.integer({ min: -8, max: 8 }).map((k) => k / 4);
  fc.assert(
    fc.property(fc.array(weight, { minLength: 5, maxLength: 5 }), (wanted) => {
      fc.pre(wanted.some((w) => w !== 0));
      const text = wanted.map((w, j) => `${w < 0 ? '-' : '+'} ${Math.abs(w)} * "${columns[j]}"`).join(' ');
      expect(weights(text)[0].map((w) => w + 0)).toEqual(wanted.map((w) => w + 0));
    }),
  );
});
