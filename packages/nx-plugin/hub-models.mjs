/**
 * Studies whose model is on the Hub, where it is neither on this machine nor to be had: `nx run-many -t all` leaves them out, and says so,
 * instead of failing. A study that is asked for by name is run, and says itself what is wrong.
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} HubModel
 * @property {string} hub `owner/name`
 * @property {string} revision
 */

/** In milliseconds: the Hub is asked only where a study would be left out without it. */
const patience = 5000;

/**
 * Whether a command of Nx is for whatever projects there are.
 * @param {readonly string[]} words of Nx's process: `['node', 'nx', 'run-many', '-t', 'all']`
 */
export function isForAll(words) {
  const [, , command, ...others] = words;
  const named = others.some((word) => /^(-p|--projects)(=|$)/.test(word));
  return command === 'affected' || (command === 'run-many' && !named);
}

/**
 * Whether a model was downloaded, as Python's huggingface_hub and @galvani/model keep it.
 * @param {HubModel} model
 */
export function isHeld({ hub, revision }) {
  const { HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = process.env;
  const cache =
    HF_HUB_CACHE || join(HF_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface'), 'hub');
  const folder = join(cache, `models--${hub.replaceAll('/', '--')}`);
  try {
    const commit = existsSync(join(folder, 'refs', revision))
      ? readFileSync(join(folder, 'refs', revision), 'utf8').trim()
      : revision;
    return existsSync(join(folder, 'snapshots', commit));
  } catch {
    return false;
  }
}

/** Whether the Hub answers. */
export async function isHubThere() {
  const { HF_ENDPOINT, HF_HUB_OFFLINE } = process.env;
  if (/^(1|true|yes|on)$/i.test(HF_HUB_OFFLINE ?? '')) return false;
  try {
    await fetch(HF_ENDPOINT || 'https://huggingface.co', { method: 'HEAD', signal: AbortSignal.timeout(patience) });
    return true;
  } catch {
    return false;
  }
}

/**
 * Of studies those that a command for all projects leaves out, each with a sentence that says so.
 * @param {ReadonlyMap<string, { hub?: HubModel } | undefined>} outlines by the study's project
 * @param {readonly string[]} words of Nx's process
 * @returns {Promise<Map<string, string>>} by project
 */
export async function leftOutStudies(outlines, words) {
  const lacking = [...outlines].flatMap(([name, outline]) =>
    outline?.hub && !isHeld(outline.hub) ? [{ name, hub: outline.hub.hub }] : [],
  );
  if (lacking.length === 0 || !isForAll(words) || (await isHubThere())) return new Map();
  return new Map(
    lacking.map(({ name, hub }) => [
      name,
      `${name} is left out: its model ${hub} is not on this machine, and the Hugging Face Hub does not answer. With a connection npx nx run ${name}:all fetches it.`,
    ]),
  );
}
