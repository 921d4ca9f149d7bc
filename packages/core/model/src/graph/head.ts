import { UserMistake } from '@galvani/terminal';
import type { Value } from './graph-builder.js';
import { type Building, linear } from './module.js';

/** The language model's head, named `lm_head`: the embedding's own table where `tied`, else a table of its own; with a bias where it has one. */
export function languageHead(
  b: Building,
  hidden: Value,
  form: { tied: boolean; embedding: string; width: number; vocabularySize: number; bias?: boolean },
): Value {
  const { width, vocabularySize, bias = false } = form;
  if (form.tied) {
    const table = b.graph.weight(b.tensors.require(`${form.embedding}.weight`, [vocabularySize, width]), [
      vocabularySize,
      width,
    ]);
    const inputs = [hidden, table];
    if (bias) inputs.push(b.graph.weight(b.tensors.require('lm_head.bias', [vocabularySize]), [vocabularySize]));
    return b.graph.site('lm_head', 'head', vocabularySize, b.graph.node('Gemm', inputs, { transB: 1 }));
  }
  if (!b.tensors.has('lm_head.weight'))
    throw new UserMistake(
      'the checkpoint holds no lm_head.weight and config.json does not tie the head to the embedding (tie_word_embeddings), so it has no language model head.',
    );
  return linear(b, 'lm_head', hidden, { from: width, to: vocabularySize, bias }, 'head');
}
