interface Recorded {
  keep: string;
  mode: string;
  tokens: string;
  storage: string;
}

/** What in study.yaml makes a recording take less of a disk, of what it does not say already. */
export function lighterRecording({ keep, mode, tokens, storage }: Recorded): string {
  // What is read may leave one row a prompt already.
  const manyRows = keep === 'tokens' && (mode !== 'read' || tokens === 'all');
  const ways = [
    'record fewer sites (extraction.sites)',
    ...(manyRows ? ['keep prompts and not tokens (extraction.keep)'] : []),
    ...(storage === 'float32' ? ['store float16 (extraction.storage)'] : []),
  ];
  const text = ways.length < 2 ? ways[0] : `${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}`;
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
