/** What a schema (zod's) has against a value, as far as words for it need. */
export interface SchemaIssue {
  readonly code?: string;
  readonly path?: readonly PropertyKey[];
  readonly message?: string;
  readonly expected?: unknown;
  readonly values?: unknown;
  readonly origin?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly inclusive?: unknown;
  readonly divisor?: unknown;
  readonly pattern?: unknown;
  readonly format?: unknown;
  readonly options?: unknown;
  readonly keys?: unknown;
  readonly errors?: unknown;
  readonly input?: unknown;
  readonly inst?: unknown;
}

/** One issue of one field. */
export type FieldIssue = SchemaIssue & { readonly path: readonly PropertyKey[]; readonly message: string };

/**
 * What a value has to be instead, in words (`must be a whole number`), for `schema.safeParse(value, { error: wantedInstead })`: the
 * schema's own messages are for programmers.
 */
export function wantedInstead(issue: SchemaIssue): string {
  const { code, input } = issue;
  if (code === 'invalid_type') return `must be ${typeName(issue)}${hint(String(issue.expected), input)}`;
  if (code === 'invalid_value') return `must be ${oneOf(issue.values)}`;
  if (code === 'too_small') return bound(issue.origin, issue.minimum, issue.inclusive === false ? 'above' : 'at least');
  if (code === 'too_big') return bound(issue.origin, issue.maximum, issue.inclusive === false ? 'below' : 'at most');
  if (code === 'not_multiple_of') return `must be a multiple of ${issue.divisor}`;
  if (code === 'invalid_format') return `must be of the form ${issue.pattern ?? issue.format}`;
  // Of a union that is told apart by one field.
  if (code === 'invalid_union' && Array.isArray(issue.options)) return `must be ${oneOf(issue.options)}`;
  return 'is not allowed here';
}

/**
 * The issues by field, one for each: of a union the alternative that was meant, every unknown field by itself, and of several
 * about one value the most telling.
 */
export function issuesByField(issues: readonly SchemaIssue[]): FieldIssue[] {
  const fields = new Map<string, FieldIssue>();
  for (const issue of issues.flatMap((each) => expand(each, []))) {
    const key = JSON.stringify(issue.path.map(String));
    // Of a value of the wrong kind nothing else need be said; otherwise the last bound is the tightest.
    if (fields.get(key)?.code !== 'invalid_type') fields.set(key, issue);
  }
  return [...fields.values()];
}

function expand(issue: SchemaIssue, at: readonly PropertyKey[]): FieldIssue[] {
  const path = [...at, ...(issue.path ?? [])];
  const message = issue.message ?? '';
  if (issue.code === 'unrecognized_keys')
    return (issue.keys as string[]).map((key) => ({ ...issue, message, path: [...path, key] }));
  const alternatives = issue.code === 'invalid_union' ? (issue.errors as SchemaIssue[][]) : [];
  if (alternatives.length === 0) return [{ ...issue, message, path }];
  const within = ({ path, code }: SchemaIssue) => (path ?? []).length > 0 || code === 'unrecognized_keys';
  const meant =
    alternatives.find((each) => each.every(within)) ??
    alternatives.find((each) => each.every(({ code }) => code !== 'invalid_type'));
  if (meant) return meant.flatMap((each) => expand(each, path));
  const kinds = alternatives.map(([first]) => (first.message ?? '').replace(/^must be /, ''));
  return [{ ...issue, path, message: `must be ${kinds.join(' or ')}` }];
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping (field: value)',
  record: 'a mapping (name: value)',
  map: 'a mapping (name: value)',
};

function typeName({ expected, inst }: SchemaIssue): string {
  const name = typeNames[String(expected)] ?? String(expected);
  const fields = fieldsOf(inst);
  return fields.length === 0 ? name : `${name} with the field${fields.length > 1 ? 's' : ''} ${fields.join(', ')}`;
}

/** Names of the fields of an object's schema, or of any alternative of a union, without those for editors (`$schema`). */
function fieldsOf(schema: unknown): string[] {
  const { shape, options } = (schema ?? {}) as { shape?: object; options?: unknown[] };
  return [...new Set(options ? options.flatMap(fieldsOf) : Object.keys(shape ?? {}))].filter(
    (key) => !key.startsWith('$'),
  );
}

/** How to write what was given, if it was meant. */
function hint(expected: string, given: unknown): string {
  if (expected === 'string' && (typeof given === 'boolean' || Number.isFinite(given)))
    return ` ("${given}", in quotes)`;
  const number = typeof given === 'string' && given.trim() !== '' && Number.isFinite(Number(given));
  return number && (expected === 'number' || expected === 'int') ? ', without quotes' : '';
}

function oneOf(values: unknown): string {
  const shown = (values as unknown[]).map((value) => JSON.stringify(value) ?? String(value));
  return shown.length > 1 ? `one of ${shown.join(', ')}` : shown.join('');
}

function bound(origin: unknown, limit: unknown, side: string): string {
  const one = Number(limit) === 1;
  if (origin === 'string')
    return one && side === 'at least' ? 'must not be empty' : `must have ${side} ${limit} characters`;
  if (origin === 'array' || origin === 'set' || origin === 'map')
    return `must have ${side} ${limit} ${one ? 'entry' : 'entries'}`;
  return `must be ${side} ${limit}`;
}
