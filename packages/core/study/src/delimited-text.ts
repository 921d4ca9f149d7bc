import { decodeText, UserMistake } from '@galvani/terminal';
import { type CsvError, parse } from 'csv-parse/sync';

/** Records of a CSV or TSV file. */
export interface DelimitedText {
  /** The header, without white space at its ends. */
  names: string[];
  records: { line: number; fields: string[] }[];
}

export interface DelimitedOptions {
  /** Whether white space around fields is cut off. Default: true. */
  trim?: boolean;
}

/**
 * Reads CSV (RFC 4180) or, where the file is called .tsv or .txt, tab-separated values, with a header. Lines end with LF, CR LF
 * or CR; empty ones are skipped.
 *
 * @param path is named in messages, and says which of the two it is
 * @throws UserMistake with the line, for what is no UTF-8, no such table, or has a column twice
 */
export function parseDelimited(
  content: Uint8Array | string,
  path: string,
  options: DelimitedOptions = {},
): DelimitedText {
  const text = typeof content === 'string' ? content.replace(/^\uFEFF/, '') : decodeText(content, path);
  // Text of UTF-16 without its mark is UTF-8 too, with zeros between its letters.
  const bytes = Buffer.from(text);
  if (bytes.includes(0))
    throw new UserMistake(
      `${path}:${1 + linesIn(bytes, 0, bytes.indexOf(0))}: there is a zero byte, which no table of text has: it is UTF-16, UTF-32 or not text. Save it as UTF-8.`,
    );
  const delimiter = /\.(tsv|txt)$/i.test(path) ? '\t' : ',';
  const [header, ...body] = recordsOf(bytes, path, delimiter, options.trim ?? true);
  if (header === undefined) throw new UserMistake(`${path} is empty; its first line names the columns.`);
  const names = header.fields.map((name) => name.trim());
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserMistake(`${path}:${header.line}: the column '${twice}' is there twice.`);
  refuseOtherSeparator(path, delimiter, header, body);
  const odd = body.find(({ fields }) => fields.length !== names.length);
  if (odd)
    throw new UserMistake(
      `${path}:${odd.line}: this is not ${kindOf(delimiter)}: there are ${odd.fields.length} fields, and the header names ${names.length} columns. A field that holds ${delimiter === ',' ? 'a comma' : 'a tab'} or a line's end stands in quotes.`,
    );
  return { names, records: body };
}

const separators: Readonly<Record<string, string>> = {
  ';': 'semicolons',
  ',': 'commas',
  '\t': 'tabs',
  '|': 'bars (|)',
  ' ': 'spaces',
};

/**
 * A table with another separator is one column, whose name and fields hold as many of it.
 * @throws UserMistake that names the separator
 */
function refuseOtherSeparator(
  path: string,
  delimiter: string,
  header: DelimitedText['records'][number],
  body: DelimitedText['records'],
): void {
  const told = /^"?sep=/i.test(header.fields[0]) && header.fields.length <= 2;
  if (told)
    throw new UserMistake(
      `${path}:${header.line}: this line tells Excel the separator and is none of the table: delete it.`,
    );
  if (header.fields.length > 1 || body.length === 0) return;
  const count = (text: string, separator: string) => text.split(separator).length;
  // A comma may stand in numbers, where it cut a field in two.
  const found = Object.keys(separators).find((separator) => {
    const columns = count(header.fields[0], separator);
    return (
      separator !== delimiter &&
      columns > 1 &&
      body.every(({ fields }) => count(fields.join(delimiter), separator) === columns)
    );
  });
  if (found !== undefined)
    throw new UserMistake(
      `${path}:${header.line}: fields are separated by ${separators[found]}, and ${kindOf(delimiter)} separates them by ${separators[delimiter]}${delimiter === ',' ? ', with a point in decimals' : ''}: save it so${found === '\t' ? ', or name it .tsv' : found === ',' ? ', or name it .csv' : ''}.`,
    );
}

function recordsOf(bytes: Buffer, path: string, delimiter: string, trim: boolean): DelimitedText['records'] {
  const records: DelimitedText['records'] = [];
  let end = 0;
  let line = 1;
  try {
    parse(bytes, {
      delimiter,
      trim,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      on_record: (fields: string[], info) => {
        records.push({ line, fields });
        line += linesIn(bytes, end, info.bytes);
        end = info.bytes;
        return null;
      },
    });
  } catch (cause) {
    const { code, message } = cause as CsvError;
    const why = reasons[code] ?? message.replace(/\.$/, '');
    throw new UserMistake(`${path}:${line}: this is not ${kindOf(delimiter)}: ${why}.`, { cause });
  }
  while (records.length > 0 && isEmpty(records[records.length - 1])) records.pop();
  // Where there is but one column an empty line is an empty field.
  const several = records.some(({ fields }) => fields.length > 1);
  return several ? records.filter((record) => !isEmpty(record)) : records;
}

const kindOf = (delimiter: string) => (delimiter === ',' ? 'CSV' : 'TSV');

const isEmpty = ({ fields }: DelimitedText['records'][number]) => fields.length === 1 && fields[0].trim() === '';

const reasons: Partial<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a field begins with a quote and never ends with one',
  INVALID_OPENING_QUOTE:
    'a quote stands inside a field that does not begin with one; a field with quotes stands in quotes, and those inside are doubled',
  CSV_INVALID_CLOSING_QUOTE: 'something follows the quote that ends a field; a quote inside a field is doubled',
};

/** Ends of lines from one byte until another. */
function linesIn(bytes: Uint8Array, from: number, until: number): number {
  let count = 0;
  for (let at = from; at < until; at++) if (bytes[at] === 10 || (bytes[at] === 13 && bytes[at + 1] !== 10)) count++;
  return count;
}
