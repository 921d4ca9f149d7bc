import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { headTensorOf } from '../checkpoint/tensors.js';

/**
 * For each tensor of a checkpoint, by its name in the file, the name of the random stream that permutes it: its own; that of the
 * first with which it shares memory; a head's that holds the numbers of the embedding, the embedding's. So tied tensors stay tied.
 */
export async function twinStreams({ source, tensors, architecture }: Checkpoint): Promise<Map<string, string>> {
  const first = new Map<string, string>();
  const streams = new Map<string, string>();
  for (const name of source.names()) {
    const place = source.place(name);
    if (!first.has(place)) first.set(place, name);
    streams.set(name, first.get(place)!);
  }
  const embedding = tensors.stored(architecture.base + architecture.embeddingTensor);
  const head = tensors.stored(headTensorOf(architecture));
  if (embedding !== head && streams.has(embedding) && streams.has(head) && (await source.sameNumbers(embedding, head)))
    streams.set(head, streams.get(embedding)!);
  return streams;
}
