import { numberCell, parseUserTable, textCell } from '@galvani/study';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const cellsOf = (text: string, path = 'x.csv') =>
  parseUserTable(text, path).rows.map(({ where, cells }) => [where, ...cells.values()]);

test('records are found by the line on which they begin, whatever ends lines', () => {
  expect(cellsOf('\uFEFFa,b\r\n1,"x\r\ny"\n\n2, z \r3,"q ""r"""')).toEqual([
    ['x.csv:2', '1', 'x\r\ny'],
    ['x.csv:5', '2', 'z'],
    ['x.csv:6', '3', 'q "r"'],
  ]);
  expect(cellsOf('a\tb\n1,5\t"x"\n', 'x.tsv')).toEqual([['x.tsv:2', '1,5', 'x']]);
});

test('in a single column an empty line is an empty field, so that rows stay where they are', () => {
  const { rows } = parseUserTable('motion\n1\n\n3\n\n', 'x.csv');
  expect(rows.map((row) => textCell(row, 'motion'))).toEqual(['1', '', '3']);
  expect(() => numberCell(rows[1], 'motion')).toThrow('x.csv:3: motion is empty');
});

test('columns called like what objects inherit are columns', () => {
  const { rows } = parseUserTable('__proto__,constructor\n1,2\n', 'x.csv');
  expect([numberCell(rows[0], '__proto__'), numberCell(rows[0], 'constructor')]).toEqual([1, 2]);
  expect(() => numberCell(rows[0], 'toString')).toThrow('toString is empty');
});

test('whatever is written as RFC 4180 says is read as it was', () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', 'é', '\u3000', '\uFEFF', ' ') });
  const quoted = (fields: string[]) => fields.map((each) => `"${each.replaceAll('"', '""')}"`).join(',');
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field), { maxLength: 5 }), (records) => {
      const text = [['a', 'b'], ...records].map(quoted).join('\r\n');
      const { rows } = parseUserTable(text, 'x.csv', { trim: false });
      expect(rows.map(({ cells }) => [...cells.values()])).toEqual(records);
    }),
  );
});

test('whatever the bytes, the answer is a table or a sentence that names the file', () => {
  const part = fc.constantFrom('a', ',', '"', '\n', '\r', '\0', '\t', ' ', '\uFEFF', '1');
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 30 }),
    fc.array(part, { maxLength: 20 }).map((parts) => Buffer.from(parts.join(''))),
  );
  fc.assert(
    fc.property(bytes, (given) => {
      try {
        parseUserTable(given, 'x.csv');
      } catch (error) {
        expect((error as Error).name).toBe('UserMistake');
        expect((error as Error).message).toContain('x.csv');
      }
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['x.csv', 'a;b\n1;2\n', 'x.csv:1: fields are separated by semicolons, and CSV separates them by commas'],
  [
    'x.csv',
    'a;b\n1,5;2,5\n\n3;4\n',
    'separated by semicolons, and CSV separates them by commas, with a point in decimals',
  ],
  [
    'x.csv',
    'a\tb\n1\t2\n',
    'separated by tabs, and CSV separates them by commas, with a point in decimals: save it so, or name it .tsv',
  ],
  ['x.csv', 'a|b\n1|2\n', 'separated by bars (|)'],
  ['x.csv', 'a b\n1 2\n', 'separated by spaces'],
  ['x.tsv', 'a,b\n1,2\n', 'separated by commas, and TSV separates them by tabs: save it so, or name it .csv'],
  ['x.csv', 'sep=;\na;b\n1;2\n', 'x.csv:1: this line tells Excel the separator'],
  ['x.csv', 'sep=,\na,b\n1,2\n', 'x.csv:1: this line tells Excel the separator'],
])('another separator is named: %s, %j', (path, text, message) => {
  expect(() => parseUserTable(text, path)).toThrow(message);
});

test('one column whose name holds a separator is one column', () => {
  for (const name of ['framewise displacement', 'a;b', 'a|b'])
    expect(cellsOf(`${name}\n1\n2\n`)).toEqual([
      ['x.csv:2', '1'],
      ['x.csv:3', '2'],
    ]);
  expect(parseUserTable('a;b\n', 'x.csv').names).toEqual(['a;b']);
});
