/** What manifests say, and what has a schema of its own. */
const opaque = ['facts', 'tasks', 'queue'];
const notFinite = ['NaN', 'Infinity', '-Infinity'];

/**
 * The shape of a JSON value: of an object its fields in alphabetical order, of an array that of all its items, else `text`, `number`, `truth`. A field that
 * some items of an array lack has a `?`.
 */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [value.map(shapeOf).reduce(merged)];
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, own]) => [name, opaque.includes(name) && typeof own === 'object' ? 'object' : shapeOf(own)]),
    );
  if (typeof value === 'number' || notFinite.includes(value as string)) return 'number';
  return typeof value === 'boolean' ? 'truth' : value === null ? 'null' : 'text';
}

const isObject = (shape: unknown): shape is Record<string, unknown> =>
  shape !== null && typeof shape === 'object' && !Array.isArray(shape);

function merged(a: unknown, b: unknown): unknown {
  if (JSON.stringify(a) === JSON.stringify(b)) return a;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === 0 ? b : b.length === 0 ? a : [merged(a[0], b[0])];
  if (!isObject(a) || !isObject(b))
    return [a, b]
      .flat()
      .filter((each, i, all) => all.indexOf(each) === i)
      .sort()
      .join(' or ');
  const bare = (shape: Record<string, unknown>) =>
    new Map(Object.entries(shape).map(([name, own]) => [name.replace('?', ''), own]));
  const [one, two] = [bare(a), bare(b)];
  const optional = (name: string) => [a, b].some((shape) => !(name in shape));
  return Object.fromEntries(
    [...new Set([...one.keys(), ...two.keys()])]
      .sort()
      .map((name) => [
        optional(name) ? `${name}?` : name,
        one.has(name) && two.has(name) ? merged(one.get(name), two.get(name)) : (one.get(name) ?? two.get(name)),
      ]),
  );
}
