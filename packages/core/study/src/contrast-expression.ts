import { didYouMean, UserMistake } from '@galvani/terminal';

/** A contrast as weights of named columns. */
export interface Contrast {
  kind: 't' | 'F';
  /** One vector for t, one a row for F; each has a weight for every column. */
  weights: Float64Array[];
  /** The expression, as it was written. */
  name: string;
}

interface Reader {
  text: string;
  at: number;
  columns: readonly string[];
  /** What weighs nothing: rest, or nothing. */
  baseline: readonly string[];
}

/**
 * Reads a contrast.
 *
 *     contrast   = ["F:"] sum {"," sum}                 several sums, or "F:", make an F contrast
 *     sum        = ["+" | "-"] term {("+" | "-") term}
 *     term       = [number ["*"]] factor ["/" number]
 *     factor     = name | "[" sum {"," sum} "]" | "(" sum ")"
 *     name       = a column of the design, or rest; "in quotes" where it has spaces or other signs
 *
 * A list in brackets is the mean of its members: `[paleontology, archaeology] - rest` weighs each by a half. A name may
 * hold hyphens (`medical-imaging`); the longest known name is taken, so that `pathology - medical-imaging` is what it
 * looks like. `rest` weighs nothing where the design has no column of that name: off blocks are what the run intercepts
 * model, and a task's coefficient is already its difference from them.
 *
 * @param columns names of the design's columns
 * @param baseline whether there is rest for contrasts to name; default true
 * @returns `rest` and everything that cancels has weight 0
 * Throws a UserMistake with a caret under the place, and the known names; also for a weight beyond 1e-20 to 1e20 in size.
 *
 * @example parseContrast('0.5*a + 0.5*b - rest', ['a', 'b']).weights // [[0.5, 0.5]]
 */
export function parseContrast(expression: string, columns: readonly string[], baseline = true): Contrast {
  const reader: Reader = { text: expression, at: 0, columns, baseline: baseline ? ['rest'] : [] };
  const prefixed = /^\s*F\s*:/.exec(expression);
  if (prefixed && !columns.includes('F:')) reader.at = prefixed[0].length;
  const weights = [readSum(reader)];
  while (take(reader, ',')) weights.push(readSum(reader));
  skipSpaces(reader);
  if (reader.at < expression.length) throw mistake(reader, `'${expression[reader.at]}' is out of place`);
  weights.forEach((vector, i) => {
    requireUsualSizes(vector, reader);
    if (vector.every((weight) => weight === 0)) {
      const which = weights.length > 1 ? `part ${i + 1} of contrast '${expression}'` : `contrast '${expression}'`;
      throw new UserMistake(`Every weight of ${which} is zero, so it compares nothing. Known names: ${known(reader)}.`);
    }
  });
  return { kind: prefixed || weights.length > 1 ? 'F' : 't', weights, name: expression.trim() };
}

/** Sizes of weights whose variances float64 holds in any unit of the series. */
const [smallest, largest] = [1e-20, 1e20];

function requireUsualSizes(vector: Float64Array, { text, columns }: Reader): void {
  const odd = vector.findIndex(
    (weight) => weight !== 0 && !(Math.abs(weight) >= smallest && Math.abs(weight) <= largest),
  );
  if (odd >= 0)
    throw new UserMistake(
      `Contrast '${text}' weighs '${columns[odd]}' by ${vector[odd]}; a weight is between 1e-20 and 1e20 in size, or 0. t does not depend on a factor of all weights: leave it out.`,
    );
}

function readSum(reader: Reader): Float64Array {
  const sum = new Float64Array(reader.columns.length);
  let sign = take(reader, '-') ? -1 : 1;
  if (sign === 1) take(reader, '+');
  for (;;) {
    const term = readTerm(reader);
    for (let j = 0; j < sum.length; j++) sum[j] += sign * term[j];
    if (take(reader, '+')) sign = 1;
    else if (take(reader, '-')) sign = -1;
    else return clean(sum);
  }
}

/** Weights that only rounding keeps from zero are zero. */
function clean(sum: Float64Array): Float64Array {
  const most = sum.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0);
  return sum.map((weight) => (Math.abs(weight) < 1e-14 * most ? 0 : weight));
}

function readTerm(reader: Reader): Float64Array {
  const scale = readNumber(reader);
  if (scale !== undefined) take(reader, '*');
  const factor = readFactor(reader);
  let divisor = 1;
  while (take(reader, '/')) {
    const number = readNumber(reader);
    if (number === undefined || number === 0) throw mistake(reader, 'a number other than 0 must follow /');
    divisor *= number;
  }
  return factor.map((weight) => (weight * (scale ?? 1)) / divisor);
}

function readFactor(reader: Reader): Float64Array {
  if (take(reader, '(')) {
    const inner = readSum(reader);
    if (!take(reader, ')')) throw mistake(reader, "')' is missing");
    return inner;
  }
  if (take(reader, '[')) {
    const members = [readSum(reader)];
    while (take(reader, ',')) members.push(readSum(reader));
    if (!take(reader, ']')) throw mistake(reader, "']' is missing");
    return members[0].map((_, j) => members.reduce((sum, member) => sum + member[j], 0) / members.length);
  }
  return readName(reader);
}

function readNumber(reader: Reader): number | undefined {
  skipSpaces(reader);
  const rest = reader.text.slice(reader.at);
  const match = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(rest);
  // A column whose name starts with a digit is a name.
  if (!match || knownNameAt(reader) !== undefined) return undefined;
  const number = Number(match[0]);
  if (!Number.isFinite(number) || (number === 0 && /[1-9]/.test(match[1])))
    throw mistake(reader, `the number ${match[0]} is too ${number === 0 ? 'small' : 'large'}`);
  reader.at += match[0].length;
  skipSpaces(reader);
  return number;
}

const nameSign = /[\p{L}\p{N}_.:-]/u;

/** The longest known name that starts here and ends where a name can end. */
function knownNameAt({ text, at, columns, baseline }: Reader): string | undefined {
  let longest: string | undefined;
  for (const name of [...columns, ...baseline]) {
    if (!text.startsWith(name, at) || name.length <= (longest?.length ?? 0)) continue;
    const following = text[at + name.length];
    if (following === undefined || following === '-' || !nameSign.test(following)) longest = name;
  }
  return longest;
}

function readName(reader: Reader): Float64Array {
  skipSpaces(reader);
  const { text, at, columns, baseline } = reader;
  const quote = text[at] === '"' || text[at] === "'" ? text[at] : undefined;
  let name: string | undefined;
  if (quote === undefined) {
    name = knownNameAt(reader);
    if (name === undefined) {
      let end = at;
      while (end < text.length && nameSign.test(text[end])) end++;
      const word = text.slice(at, end);
      throw word === '' ? mistake(reader, 'a name is missing') : unknown(reader, word);
    }
    reader.at += name.length;
  } else {
    const end = text.indexOf(quote, at + 1);
    if (end < 0) throw mistake(reader, `the closing ${quote} is missing`);
    name = text.slice(at + 1, end);
    if (!columns.includes(name) && !baseline.includes(name)) throw unknown(reader, name);
    reader.at = end + 1;
  }
  const weights = new Float64Array(columns.length);
  const column = columns.indexOf(name);
  if (column >= 0) weights[column] = 1;
  return weights;
}

function skipSpaces(reader: Reader): void {
  while (reader.at < reader.text.length && /\s/.test(reader.text[reader.at])) reader.at++;
}

function take(reader: Reader, sign: string): boolean {
  skipSpaces(reader);
  if (reader.text[reader.at] !== sign) return false;
  reader.at++;
  return true;
}

function known({ columns, baseline }: Pick<Reader, 'columns' | 'baseline'>): string {
  return [...new Set([...columns, ...baseline])].join(', ');
}

function unknown(reader: Reader, name: string): UserMistake {
  return mistake(reader, `unknown name '${name}'`, didYouMean(name, [...reader.columns, ...reader.baseline]));
}

function mistake({ text, at, columns, baseline }: Reader, what: string, advice = ''): UserMistake {
  const shown = text.replace(/\s/g, ' ');
  return new UserMistake(
    `Contrast '${text}': ${what} at character ${at + 1}.${advice}\n  ${shown}\n  ${' '.repeat(at)}^\nKnown names: ${known({ columns, baseline })}.`,
  );
}
