import { advised, commandCaller, Failure, setCaller, stageMain } from '@galvani/terminal';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllEnvs();
  setCaller();
});

test('advice names the command as it was called', () => {
  expect(advised('glm STUDY')).toBe('galvani glm STUDY');
  vi.stubEnv('npm_command', 'exec');
  setCaller(commandCaller());
  expect(advised('glm STUDY')).toBe('npx galvani glm STUDY');
  vi.stubEnv('npm_command', '');
  setCaller(commandCaller());
  expect(advised('glm STUDY')).toBe('galvani glm STUDY');
});

test('under Nx a target of the study, and of what is none the command', () => {
  setCaller({ command: 'npx galvani', project: 'pipeline' });
  expect(advised('run', 'all')).toBe('npx nx run pipeline:all');
  expect(advised('calibrate --study', 'calibrate')).toBe('npx nx run pipeline:calibrate');
  expect(advised('verify')).toBe('npx galvani verify');
});

test('a stage that Nx starts is told of the project, and advises its targets', async () => {
  const { argv, exitCode } = process;
  const said = vi.spyOn(process.stderr, 'write').mockImplementation(((_text: string, done?: () => void) => {
    done?.();
    return true;
  }) as never);
  process.argv = ['node', 'main.js', '--study', 'data/derivatives/default', '--project', 'pipeline'];
  await stageMain(async () => {
    throw new Failure(`run ${advised('design', 'design')}.`);
  });
  const code = process.exitCode;
  [process.argv, process.exitCode] = [argv, exitCode];
  expect([code, said.mock.calls.map(([text]) => text)]).toEqual([1, ['galvani: run npx nx run pipeline:design.\n']]);
  said.mockRestore();
});
