import { UserMistake } from '@galvani/terminal';
import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { isDictionary } from './dictionary.js';
import { fieldSchema } from './schema-fields.js';

/** What is far beyond any study, and where a file of a few lines that repeats itself by aliases would fill memory. */
const mostValues = 100_000;
const deepest = 100;

/**
 * The value of a YAML document: mappings are objects without a prototype, and a Map, in the order of the file, where the
 * schema has a dictionary.
 *
 * @param place `study.yaml:12` for a node, to begin a message with
 * @throws UserMistake for an alias without its anchor or inside of what it stands for, a key that is not plain, a merge key,
 * too many values
 */
export function yamlValue(document: Document, schema: unknown, place: (node: Node) => string): unknown {
  let count = 0;
  const within: Node[] = [];
  const refuse = (node: Node, what: string) => new UserMistake(`${place(node)}: ${what}`);

  function read(node: Node, shape: unknown): unknown {
    if (++count > mostValues)
      throw refuse(node, `aliases repeat values more than ${mostValues} times; write out what is meant.`);
    if (within.length > deepest) throw refuse(node, `values are nested more than ${deepest} deep.`);
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) throw refuse(node, `there is no anchor &${node.source} above this alias.`);
      if (within.includes(target)) throw refuse(node, `*${node.source} stands inside of what it stands for.`);
      return read(target, shape);
    }
    if (isScalar(node)) return node.value;
    within.push(node);
    const value = isSeq(node)
      ? node.items.map((item, i) => read(item as Node, fieldSchema(shape, i)))
      : mapping(node, shape);
    within.pop();
    return value;
  }

  function mapping(node: Node, shape: unknown): unknown {
    if (!isMap(node)) throw refuse(node, 'this is neither a value, a list nor a mapping.');
    const named = isDictionary(shape);
    const entries = node.items.map(({ key, value }): [string, unknown] => {
      const name = isAlias(key) ? key.resolve(document) : key;
      if (!isScalar(name)) throw refuse(node, 'a key of a mapping is a single word or text.');
      if (name.value === '<<') throw refuse(name, 'merge keys (<<) are not part of YAML 1.2; write the fields out.');
      const field = String(name.value);
      return [field, value === null ? null : read(value as Node, fieldSchema(shape, field))];
    });
    if (named) return new Map(entries);
    const object: Record<string, unknown> = Object.create(null);
    for (const [field, value] of entries) object[field] = value;
    return object;
  }

  return document.contents === null ? undefined : read(document.contents as Node, schema);
}
