import { startProgress } from '@galvani/terminal';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onTerminal } from './on-terminal.js';

let printed: string;
beforeEach(() => {
  printed = '';
  vi.useFakeTimers({ now: 0, toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  vi.spyOn(process.stderr, 'write').mockImplementation(((text: string, done?: () => void) => {
    printed += text;
    done?.();
    return true;
  }) as typeof process.stderr.write);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('without a terminal there is a line at most every five seconds, with what is left, and one at the end', () => {
  onTerminal(false, () => {
    const progress = startProgress('extract', 4000, 'tokens');
    for (const now of [2000, 4900, 6000, 9000, 12_000]) {
      vi.setSystemTime(now);
      progress.advance(600);
    }
    vi.setSystemTime(20_000);
    progress.advance(1000);
    progress.finish();
    progress.finish();
  });
  expect(printed.split('\n')).toEqual([
    'extract: 45% (1,800 of 4,000 tokens), 7.3 s left',
    'extract: 75% (3,000 of 4,000 tokens), 4.0 s left',
    'extract: 100% (4,000 of 4,000 tokens), 0.0 s left',
    'extract: 4,000 of 4,000 tokens in 20 s',
    '',
  ]);
});

test('work that is short says nothing', () => {
  onTerminal(false, () => {
    const progress = startProgress('decode', 3, 'sessions');
    for (let i = 0; i < 3; i++) progress.advance();
    progress.finish();
  });
  expect(printed).toBe('');
});

test('on a terminal there is a bar that never passes its end', () => {
  onTerminal(true, () => {
    const progress = startProgress('glm', 4, 'layers');
    vi.setSystemTime(1000);
    progress.advance(2);
    vi.advanceTimersByTime(1000);
    progress.advance(3);
    progress.finish();
    progress.finish();
  });
  expect(printed).toContain('glm [');
  expect(printed).toContain('50% 2/4 layers, 1.0 s left');
  expect(printed).toContain('100% 4/4 layers');
  expect(printed).not.toContain('5/4');
});
