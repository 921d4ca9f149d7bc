import { alternatives } from '@galvani/terminal';

interface Recorded {
  keep: string;
  mode: string;
  tokens: string;
  moments: string;
  storage: string;
}

/** What in study.yaml makes a recording take less of a disk, of what it does not say already. */
export function lighterRecording({ keep, mode, tokens, moments, storage }: Recorded): string {
  // What is read may leave one row a prompt already.
  const manyRows = keep === 'tokens' && (mode !== 'read' || tokens === 'all');
  const ways = [
    'record fewer sites (extraction.sites)',
    ...(manyRows ? ['keep prompts and not tokens (extraction.keep)'] : []),
    ...(storage === 'float32' && moments === 'mean' ? ['store float16 (extraction.storage)'] : []),
  ];
  const text = alternatives(ways);
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
