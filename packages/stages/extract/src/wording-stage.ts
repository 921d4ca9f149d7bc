import { basename, join } from 'node:path';
import { createActivationFile, eventTable, wordingTokenTable } from '@galvani/artifact';
import { meanEmbeddings, openModelTokenizer, readTokenEmbedding } from '@galvani/model';
import { eventsPath, openUpstream, readParameters, replaceStage, studyFolder } from '@galvani/study';
import { modelInputs, openModel, type PresentedPrompt, presentPrompts, storeFolder } from '@galvani/subject';
import { formatCount, type StageArguments, say } from '@galvani/terminal';

const absent =
  'the model is an .onnx file, which does not say which of its tensors is the table of token embeddings. Name the folder of the checkpoint that it was exported from to have them.';

/**
 * The wording stage: what prompts are before the model does anything with them. plan/extract.json and design/<run>.parquet ->
 * wording/tokens.parquet and, where the model is a checkpoint, wording/embeddings.arrow: a row for each prompt, the mean over its
 * own tokens of the token embedding's table (`input_embedding`, float32). A twin has its original's tokens and a table of its own.
 * @throws UserMistake for a model without a tokenizer, or a prompt without tokens
 */
export async function wordingStage(args: StageArguments): Promise<void> {
  const { root, signal } = args;
  const folder = studyFolder(args.study, root);
  const asked = await readParameters(folder, 'extract');
  const runs = await readParameters(folder, 'runs');
  const { plan, inputs } = await openUpstream(folder, 'wording', signal);
  const model = await openModel(asked.model, root, await storeFolder(root), signal);
  const tokenizer = await openModelTokenizer(model.path);
  // Whether a prompt leaves room for what is generated is for extraction to say, which knows the context's length.
  const subject = { tokenizer, contextLength: Number.POSITIVE_INFINITY, name: basename(model.path) };
  const presented: PresentedPrompt[][] = [];
  for (const { name } of runs)
    presented.push(
      await presentPrompts(await eventTable.read(eventsPath(folder, name)), subject, 0, {
        presentation: asked,
        signal,
      }),
    );
  // What a template adds is the same for all, and would only thin what each says.
  const prompts = presented.flat().map(({ tokens, from, until }) => tokens.subarray(from, until));
  const tokens = presented.flatMap((own, r) =>
    own.flatMap(({ tokens, from, until }, prompt) =>
      Array.from(tokens, (token_id, position) => {
        const of_template = position < from || position >= until;
        return { run: runs[r].name, prompt, position, token_id, of_template };
      }),
    ),
  );
  const table = await readTokenEmbedding(await model.files(folder.verified));
  const means = table && meanEmbeddings(prompts, table);
  const own = await modelInputs(asked.model, model.path, folder);
  signal.throwIfAborted();
  await replaceStage(folder, 'wording', async (place, path) => {
    await wordingTokenTable.write(place('tokens.parquet'), tokens);
    return {
      plan,
      parameters: { model: { ...asked.model, sha256: model.sha256 } },
      inputs: { ...inputs, ...own },
      ...(means && { outputs: { [embeddings]: await writeMeans(join(path, embeddings), means, table.width) } }),
      facts: { prompts: prompts.length, tokens: tokens.length, ...(table ? { width: table.width } : { absent }) },
    };
  });
  const without = table ? '' : `; no input embeddings: ${absent}`;
  say(`wording: ${formatCount(prompts.length)} prompts, ${formatCount(tokens.length)} tokens${without}`);
}

const embeddings = 'embeddings.arrow';

async function writeMeans(path: string, means: Float32Array, width: number) {
  const writer = await createActivationFile(path, [{ site: 'input_embedding', kind: 'embedding', width }], 'float32');
  try {
    await writer.append(means.length / width, [means]);
    return await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}
