import { expect, test } from 'vitest';
import { lighterRecording } from '../src/lighter-recording.js';

const recorded = { keep: 'tokens', mode: 'generate', tokens: 'all', moments: 'mean', storage: 'float32' };

test('a recording that does not fit a disk is advised to keep prompts', () => {
  expect(lighterRecording(recorded)).toBe(
    'Record fewer sites (extraction.sites), keep prompts and not tokens (extraction.keep) or store float16 (extraction.storage).',
  );
});

test('what study.yaml says already is not advised', () => {
  expect(lighterRecording({ ...recorded, keep: 'prompts' })).toBe(
    'Record fewer sites (extraction.sites) or store float16 (extraction.storage).',
  );
  expect(lighterRecording({ ...recorded, keep: 'prompts', moments: 'squares' })).toBe(
    'Record fewer sites (extraction.sites).',
  );
  expect(lighterRecording({ ...recorded, mode: 'read', tokens: 'last', storage: 'float16' })).toBe(
    'Record fewer sites (extraction.sites).',
  );
});
