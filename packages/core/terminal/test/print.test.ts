import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { answer, runCommand, say, warn } from '@galvani/terminal';
import { afterEach, describe, expect, test, vi } from 'vitest';

const errorOf = (code: string) => Object.assign(new Error(code), { code, errno: -1, syscall: 'write' });

/** Standard output and standard error as a test would have them: every write fails with `code`, or none does. */
function streams(code?: string) {
  const lines = { out: [] as string[], err: [] as string[] };
  const fake = (stream: NodeJS.WriteStream, into: string[], failing?: string) =>
    vi.spyOn(stream, 'write').mockImplementation(((text: string, done?: (error?: Error) => void) => {
      const error = failing ? errorOf(failing) : undefined;
      if (!error) into.push(text);
      done?.(error);
      if (error) stream.emit('error', error);
      return true;
    }) as never);
  fake(process.stderr, lines.err);
  fake(process.stdout, lines.out, code);
  return lines;
}

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

test.each(['ENOSPC', 'EIO', 'EBADF'])(
  'what is said about the work may be lost (%s): the exit code tells about the work',
  async (code) => {
    const lines = streams(code);
    let done = false;
    await runCommand(async () => {
      say('half way');
      say('there');
      done = true;
    });
    expect(done).toBe(true);
    expect(process.exitCode).toBeUndefined();
    expect(lines.err).toEqual([]);
  },
);

test('an answer that a full disk lost is a failure, and a failure of the work comes first', async () => {
  const lines = streams('ENOSPC');
  await runCommand(async () => answer('sites'));
  expect(process.exitCode).toBe(1);
  expect(lines.err.join('')).toMatch(/^galvani: standard output could not be written: the disk is full\. .*\n$/);
  await runCommand(async () => {
    answer('sites');
    throw new Error('defect');
  });
  expect(lines.err.slice(1).join('')).toMatch(/^galvani: Error: defect\n +at /);
});

test('what is printed comes in lines, mistakes and warnings with the name of the program', async () => {
  const lines = streams();
  say('one');
  answer('two\nthree');
  warn('four');
  await runCommand(async () => undefined);
  expect(lines).toEqual({ out: ['one\n', 'two\nthree\n'], err: ['galvani: four\n'] });
});

// What Node's own streams do is the point: processes, of the built package.
const index = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const program = (work: string) =>
  `import { answer, note, runCommand, say } from ${JSON.stringify(index)}; await runCommand(async () => { ${work} });`;
const many =
  "for (let i = 0; i < 30; i++) { say('x'.repeat(10000)); note('y'); await new Promise((r) => setTimeout(r, 1)); }";

function shell(script: string, work: string) {
  const { status, stderr, stdout } = spawnSync('bash', ['-c', `${script}; echo "code \${PIPESTATUS[0]}"`], {
    env: { ...process.env, RUN: `${process.execPath} --input-type=module -e`, PROGRAM: program(work) },
    encoding: 'utf8',
  });
  return { status, stderr, code: /code (\d+)/.exec(stdout)?.[1] };
}

describe.runIf(existsSync(index) && existsSync('/dev/full'))('as a process', () => {
  test.each([
    ['whose reader went away', `$RUN "$PROGRAM" 2>/dev/null | true`, many],
    ['with a full disk behind both streams', `$RUN "$PROGRAM" > /dev/full 2>&1`, many],
    ['without streams', `$RUN "$PROGRAM" >&- 2>&-`, many],
    [
      'whose reader had enough of an answer',
      `$RUN "$PROGRAM" | true`,
      "for (let i = 0; i < 50; i++) answer('x'.repeat(10000))",
    ],
  ])('%s it goes on and ends with 0', (_, script, work) => {
    expect(shell(script, work)).toMatchObject({ code: '0', stderr: '' });
  });

  test('a full disk behind its answer makes it fail with a sentence, one behind both streams with 1', () => {
    const { code, stderr } = shell(`$RUN "$PROGRAM" > /dev/full`, "answer('x')");
    expect(code).toBe('1');
    expect(stderr).toMatch(/^galvani: standard output could not be written: the disk is full\..*\n$/);
    expect(shell(`$RUN "$PROGRAM" > /dev/full 2>&1`, "answer('x')").code).toBe('1');
  });

  test('an answer that fits only in part into its file is not taken for whole', () => {
    const { code, stderr } = shell(
      `ulimit -f 4; cd "$(mktemp -d)"; $RUN "$PROGRAM" > answer.txt`,
      "answer('x'.repeat(20000))",
    );
    expect(code).toBe('1');
    expect(stderr).toMatch(/larger than a file may be here/);
  });
});
