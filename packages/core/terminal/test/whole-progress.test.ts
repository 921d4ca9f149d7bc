import { note, say, setOutput, startProgress, startWhole } from '@galvani/terminal';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onTerminal } from './on-terminal.js';

let printed: string;
const keep = ((text: string, done?: () => void) => {
  printed += text;
  done?.();
  return true;
}) as typeof process.stderr.write;
beforeEach(() => {
  printed = '';
  vi.useFakeTimers({ now: 0, toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  setOutput();
});

const steps = [
  { name: 'design', seconds: 10 },
  { name: 'glm', seconds: 60 },
  { name: 'report', seconds: 30 },
];

test('without a terminal each stage has a line with what is left, but no two in five seconds', () => {
  onTerminal(false, () => {
    const whole = startWhole('run', steps);
    whole.next();
    vi.setSystemTime(1000);
    whole.next();
    vi.setSystemTime(61_000);
    whole.next();
    whole.finish();
  });
  expect(printed.split('\n')).toEqual([
    'run: design, stage 1 of 3, about 1 min 40 s left of all',
    'run: report, stage 3 of 3, about 30 s left of all',
    '',
  ]);
});

test('what is left follows how fast stages were beside their forecast; one that had nothing to do says nothing', () => {
  const leftAfter = (seconds: number) => {
    printed = '';
    onTerminal(false, () => {
      vi.setSystemTime(0);
      const whole = startWhole('run', steps, 0);
      whole.next();
      vi.setSystemTime(1000 * seconds);
      whole.next();
      whole.finish();
    });
    return /glm, stage 2 of 3, about (.*) left of all/.exec(printed)?.[1];
  };
  expect(leftAfter(10)).toBe('1 min 30 s');
  // A tenth of the forecast is believed as much as 20 s for the 10 s that were forecast.
  expect(leftAfter(30)).toBe('3 min 0 s');
  expect(leftAfter(0.5)).toBe('1 min 30 s');
});

test('without a forecast it is said which stage it is', () => {
  onTerminal(false, () => {
    const whole = startWhole('run', [{ name: 'design' }, { name: 'glm', seconds: 3 }]);
    whole.next();
    whole.finish();
  });
  expect(printed).toBe('run: design, stage 1 of 2\n');
});

test('a bar of a stage has it beside its own, as long as the whole is at work', () => {
  for (const isTTY of [true, false]) {
    printed = '';
    onTerminal(isTTY, () => {
      const whole = startWhole('run', steps);
      whole.next();
      const progress = startProgress('checking', 4, 'files', 0);
      vi.advanceTimersByTime(1000);
      progress.advance(2);
      progress.finish();
      whole.finish();
      expect(printed).toMatch(/checking.* 50%.* left; stage 1 of 3, about 1 min 39 s left of all/);
      printed = '';
      startProgress('alone', 4, 'files', 0).finish();
      expect(printed).not.toContain('stage');
    });
  }
});

test('on a terminal the line stands below what is printed, and goes at the end', () => {
  onTerminal(true, () => {
    const whole = startWhole('run', steps);
    whole.next();
    note('a note');
    say('a result');
    whole.finish();
  });
  const line = 'run: design, stage 1 of 3, about 1 min 40 s left of all';
  const erased = '\r\u001b[2K';
  expect(printed).toBe(`${line}${erased}a note\n${line}${erased}a result\n${line}${erased}`);
});

test('a line longer than the terminal is cut, so that it can be erased', () => {
  const own = Object.getOwnPropertyDescriptor(process.stderr, 'columns');
  Object.defineProperty(process.stderr, 'columns', { value: 20, configurable: true });
  onTerminal(true, () => {
    const whole = startWhole('run', steps);
    whole.next();
    whole.finish();
  });
  if (own) Object.defineProperty(process.stderr, 'columns', own);
  else Reflect.deleteProperty(process.stderr, 'columns');
  expect(printed).toBe('run: design, stage \r\u001b[2K');
});

test('nothing of it where only results are wanted', () => {
  setOutput({ level: 'quiet' });
  const whole = startWhole('run', steps, 0);
  whole.next();
  startProgress('glm', 4, 'files', 0).advance(4);
  whole.finish();
  expect(printed).toBe('');
});
