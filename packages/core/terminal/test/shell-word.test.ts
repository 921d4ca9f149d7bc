import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWord } from '../src/index.js';

test('a shell reads words back as they were', () => {
  const word = fc.string({ minLength: 1, unit: fc.constantFrom(...`ab/.-_ '"$\`\\!*?~#%&;()<>|{}[]ü=\t`) });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
      const script = `printf '%s\\0' ${words.map(shellWord).join(' ')}`;
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${words.join('\0')}\0`);
    }),
    { numRuns: 30 },
  );
  expect(shellWord('pipelines/default')).toBe('pipelines/default');
});
