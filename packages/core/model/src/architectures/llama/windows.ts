import type { Config } from '../../checkpoint/config.js';
import type { LlamaFacts } from './llama-facts.js';

/** The sliding window, in positions; `otherwise` where config.json does not say, none where it is null. */
export function readWindow(config: Config, otherwise: number): number | undefined {
  return config.isNull('sliding_window') ? undefined : config.integer('sliding_window', otherwise);
}

/**
 * The sliding window of each block (`slidingBlocks`). A window as long as the context is none.
 */
export function readWindows(
  config: Config,
  facts: LlamaFacts,
  window: number | undefined,
  slides: (block: number) => boolean,
): LlamaFacts['windows'] {
  return slidingBlocks(config, facts, slides).map((sliding) => {
    if (!sliding) return undefined;
    if (window === undefined)
      return config.refuse(
        'layer_types',
        'and there is no sliding window: sliding_window is null or use_sliding_window false',
      );
    return withinContext(config, 'sliding_window', window, facts.contextLength);
  });
}

/** A window in positions, none where it is as long as the context. */
export function withinContext(
  config: Config,
  field: string,
  window: number,
  contextLength: number,
): number | undefined {
  // onnxruntime's kernel takes a window of 1 for none.
  if (window === 1 && contextLength > 1)
    config.refuse(field, 'and a window of one token alone is not built: from 2 on');
  return window < contextLength ? window : undefined;
}

/** Of each block whether its window slides: layer_types where config.json has them, else what `slides` says of the block. */
export function slidingBlocks(config: Config, facts: LlamaFacts, slides: (block: number) => boolean): boolean[] {
  const types = config.raw('layer_types');
  if (types !== undefined && !(Array.isArray(types) && types.length === facts.windows.length))
    config.refuse('layer_types', `and has to be a list with an entry for each of the ${facts.windows.length} blocks`);
  return facts.windows.map((_, i) => {
    const type = (types as unknown[] | undefined)?.[i];
    if (type !== undefined && type !== 'full_attention' && type !== 'sliding_attention')
      config.refuse('layer_types', 'and the kinds that can be built are full_attention and sliding_attention');
    return type === undefined ? slides(i) : type === 'sliding_attention';
  });
}
