import { UserMistake } from '@galvani/terminal';

/** How commands that take a model describe it. */
export const modelArgument = [
  '<model>',
  'a checkpoint folder, an .onnx file, or hub:owner/name[@revision] on the Hugging Face Hub',
] as const;

/** The folder or file of the model that a person named; one on the Hub is fetched if it is not there yet. */
export async function modelPath(named: string): Promise<string> {
  if (!named.startsWith('hub:')) return named;
  const found = /^hub:(?<hub>[\w.-]+\/[\w.-]+?)(?:@(?<revision>\S+))?$/.exec(named)?.groups;
  if (!found)
    throw new UserMistake(`'${named}' is not a model on the Hub; write hub:owner/name or hub:owner/name@revision.`);
  const { locateModel } = await import('@galvani/model');
  return locateModel({ hub: found.hub, revision: found.revision ?? 'main' }, process.cwd());
}
