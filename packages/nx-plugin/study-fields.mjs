import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The fields of study.yaml that Nx's graph depends on, as a person wrote them: tasks, model, prompts, sessions, and the tables of
 * confounds, texts and pairs. They are remembered by the digest of the text, since to load a parser and parse every study would take a
 * tenth of a second of each command of Nx.
 * @param {string} root the workspace
 * @param {readonly (string | undefined)[]} texts
 * @returns {Promise<unknown[]>} undefined for what is no text or no YAML
 */
export async function readFields(root, texts) {
  const memory = join(root, '.nx/study-fields.json');
  const before = recall(memory);
  /** @type {Record<string, unknown>} */
  const now = {};
  /** @type {unknown[]} */
  const fields = [];
  for (const text of texts) {
    const key = text === undefined ? undefined : digestOf(text);
    if (key !== undefined) now[key] = key in before ? before[key] : await parseFields(text ?? '');
    fields.push(key === undefined ? undefined : (now[key] ?? undefined));
  }
  if (Object.keys(now).some((key) => !(key in before))) remember(memory, now);
  return fields;
}

/** What fields mean is said in this file, so that its own text is part of it. */
const own = readFileSync(fileURLToPath(import.meta.url), 'utf8');

/** @param {string} text */
const digestOf = (text) => createHash('sha256').update(own).update(text).digest('hex');

/**
 * @param {string} text
 * @returns {Promise<unknown>} null for what is no YAML, as JSON would have it
 */
async function parseFields(text) {
  const { parseDocument } = await import('yaml');
  try {
    const document = parseDocument(text);
    if (document.errors.length > 0) return null;
    const { tasks, model, prompts, design, glm, lesion } = document.toJS();
    const { texts, pairs } = lesion ?? {};
    const fields = { tasks, model, prompts, sessions: design?.sessions, confounds: glm?.confounds, texts, pairs };
    return JSON.parse(JSON.stringify(fields));
  } catch {
    return null;
  }
}

/**
 * @param {string} path
 * @returns {Record<string, unknown>}
 */
function recall(path) {
  try {
    return { ...JSON.parse(readFileSync(path, 'utf8')) };
  } catch {
    return {};
  }
}

/**
 * What cannot be written only costs time.
 * @param {string} path
 * @param {Record<string, unknown>} fields
 */
function remember(path, fields) {
  const partial = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(partial, JSON.stringify(fields));
    renameSync(partial, path);
  } catch {}
}
