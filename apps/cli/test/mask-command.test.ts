import { afterEach, expect, test, vi } from 'vitest';
import { galvani } from './run-command.js';

afterEach(() => vi.restoreAllMocks());

test.each([
  [['mask', 'pipelines/default'], /required option '--task <name>' not specified/],
  [
    ['mask', 'pipelines/default', '--task', 'pathology', '--format', 'pt'],
    /Allowed choices are safetensors, json, parquet, csv/,
  ],
  [['mask', 'pipelines/default', '--task', 'pathology', '--weights', 'all'], /Allowed choices are write, read, both/],
  [['mask', '/nowhere', '--task', 'pathology', '--out', '/dev/null/mask'], /--out \/dev\/null\/mask cannot be written/],
  [['mask', '/nowhere', '--task', 'pathology', '--out', '/tmp'], /--out \/tmp is a folder; give the name of the file/],
])('%j is a mistake that says what is allowed', async (words, message) => {
  await expect(galvani(...words)).rejects.toThrow(message);
  await expect(galvani(...words)).rejects.toHaveProperty('name', 'UserMistake');
});
