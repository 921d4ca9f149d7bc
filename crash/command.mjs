import { spawn } from 'node:child_process';

/**
 * Starts a command. `ended` resolves to its exit code (null where it was killed) and what it printed; `onText` is given all that
 * was printed so far.
 */
export function startCommand([file, ...args], { cwd, env, detached = false }, onText = () => undefined) {
  const child = spawn(file, args, { cwd, env, detached, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text;
      onText(output);
    });
  const ended = new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output }));
    // What it began may hold its output open.
    child.on('exit', (code) => code === null && resolve({ code, output }));
  });
  return { pid: child.pid, ended, kill: () => child.kill('SIGKILL') };
}
