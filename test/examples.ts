/** An example of the documentation, as plain JavaScript whose statements may end with what they give: `tLogSf(2, 10) // -3.3`. */
export interface Example {
  /** Of the file, relative to the workspace. */
  path: string;
  line: number;
  code: string;
}

/** Examples of docstrings: what follows `@example`, up to the next tag or the end of the comment. */
export const docstringExamples = (path: string, text: string): Example[] =>
  [...text.matchAll(/^ *\* @example\b([\s\S]*?)(?=^ *\* @|\*\/)/gm)].map((match) => ({
    path,
    line: lineOf(text, match.index),
    code: match[1].replace(/^ *\* ?/gm, '').trim(),
  }));

/** Examples of a README: its blocks of JavaScript. */
export const readmeExamples = (path: string, text: string): Example[] =>
  [...text.matchAll(/^```js\n([\s\S]*?)^```/gm)].map((match) => ({
    path,
    line: lineOf(text, match.index),
    code: match[1].trim(),
  }));

const lineOf = (text: string, at: number) => text.slice(0, at).split('\n').length;

/** A statement of an example, what it is called by which its value is known, and the value that its comment gives. */
interface Statement {
  code: string;
  given?: { expression: string; value: string };
}

/** Statements end with a line on which no bracket is open. */
export function statementsOf(code: string): Statement[] {
  const statements: Statement[] = [];
  let open: string[] = [];
  for (const line of code.split('\n')) {
    if (open.length === 0 && /^\s*(\/\/.*)?$/.test(line)) continue;
    open.push(line);
    const whole = open.join('\n').replace(/;?\s*(?:\/\/\s*(.*))?$/, '');
    if (depthOf(whole) > 0) continue;
    const value = /\/\/\s*(.*)$/.exec(line)?.[1];
    const named = /^const (?:\{ (\w+) \}|(\w+)) = /.exec(whole);
    const expression = named ? (named[1] ?? named[2]) : whole;
    statements.push({ code: importAsConstant(whole), ...(value !== undefined && { given: { expression, value } }) });
    open = [];
  }
  return statements;
}

const depthOf = (code: string) => (code.match(/[([{]/g)?.length ?? 0) - (code.match(/[)\]}]/g)?.length ?? 0);

const importAsConstant = (code: string) =>
  code.replace(
    /^import \{([^}]*)\} from ('[^']+')$/,
    (_, names, from) => `const {${names.replaceAll(' as ', ': ')}} = await load(${from})`,
  );

/** An example as a function of what it may use, `load` for its imports and `check(line, found, given)` for its values. */
export function compileExample({ code }: Example, names: readonly string[]): (...values: unknown[]) => Promise<void> {
  const body = statementsOf(code).map(({ code: statement, given }) => {
    if (!given) return `${statement};`;
    const checked = `check(${JSON.stringify(given.value)}, ${given.expression})`;
    return statement.startsWith('const ')
      ? `${statement}; ${checked};`
      : `${checked};`.replace('check(', 'await check(');
  });
  const AsyncFunction = (async () => {}).constructor as new (...words: string[]) => () => Promise<void>;
  return new AsyncFunction('load', 'check', ...names, body.join('\n'));
}

/** Half a unit in the last place that a value shows: how near `found` has to be. */
export function lastPlace(value: string): number {
  const places = [...value.matchAll(/\d\.(\d+)(?:e([+-]?\d+))?/g)].map(
    ([, digits, exponent]) => digits.length - Number(exponent ?? 0),
  );
  return 0.5 * 10 ** -Math.max(0, ...places) * (1 + 1e-9);
}
