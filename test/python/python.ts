import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { home } from '../packages.js';

/** The interpreter: GALVANI_PYTHON, or python3 of the path. */
const interpreter = process.env.GALVANI_PYTHON ?? 'python3';

/** Whether it can import modules of these names. */
export const pythonHas = (...modules: string[]): boolean =>
  spawnSync(interpreter, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' }).status === 0;

/** Whether python/galvani.py runs here. */
export const hasPython = pythonHas('numpy', 'pyarrow');

export const inPython = hasPython
  ? `in ${interpreter}`
  : `needs numpy and pyarrow in ${interpreter} (GALVANI_PYTHON names another), which is not there`;

/**
 * Runs a script of this folder and gives what it printed.
 * @param environment variables beside those of this process
 */
export async function runPython(script: string, args: string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(interpreter, [join(home, 'test/python', script), ...args], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...environment },
    maxBuffer: 2 ** 28,
  });
  return stdout;
}
