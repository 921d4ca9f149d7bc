import { UserMistake } from '@galvani/terminal';
import type { Value } from './graph-builder.js';
import { type Building, linear } from './module.js';

/** The language model's head, named `lm_head` or as `module` says: the embedding's own table where `tied`, else a table of its own; with a bias where it has one. */
export function languageHead(
  b: Building,
  hidden: Value,
  form: { tied: boolean; embedding: string; width: number; vocabularySize: number; bias?: boolean; module?: string },
): Value {
  const { width, vocabularySize, bias = false, module = 'lm_head' } = form;
  if (form.tied) {
    const table = b.graph.weight(b.tensors.require(`${form.embedding}.weight`, [vocabularySize, width]), [
      vocabularySize,
      width,
    ]);
    const inputs = [hidden, table];
    if (bias) inputs.push(b.graph.weight(b.tensors.require(`${module}.bias`, [vocabularySize]), [vocabularySize]));
    return b.graph.site(module, 'head', vocabularySize, b.graph.node('Gemm', inputs, { transB: 1 }));
  }
  if (!b.tensors.has(`${module}.weight`))
    throw new UserMistake(
      `the checkpoint holds no ${module}.weight and config.json does not tie the head to the embedding (tie_word_embeddings), so it has no language model head.`,
    );
  return linear(b, module, hidden, { from: width, to: vocabularySize, bias }, 'head');
}
