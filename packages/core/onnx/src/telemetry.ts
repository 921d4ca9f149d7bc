import { isMainThread } from 'node:worker_threads';
import { UserMistake } from '@galvani/terminal';

type Report = NodeJS.ProcessReport & { excludeNetwork?: boolean; excludeEnv?: boolean };

/** With it set, onnxruntime makes no device identifier, writes no database of events to the user's cache and sends nothing. */
const name = 'ORT_DISABLE_TELEMETRY';

/**
 * Turns onnxruntime's telemetry off for this process and those that it starts, before the library is loaded: later it has no
 * effect. The library asks the process's own environment. A worker thread cannot write that, its `process.env` being a copy.
 */
if (isMainThread) process.env[name] = '1';
else if (environment()[name] !== '1')
  throw new UserMistake(
    `onnxruntime would send telemetry if a worker thread were the first to load it. Start node with ${name}=1, or set process.env.${name} = '1' in the main thread before; in the thread itself, or as its env, it has no effect.`,
  );

/** The process's environment as native code sees it. */
function environment(): Record<string, string> {
  const report: Report = process.report;
  const { excludeNetwork, excludeEnv } = report;
  // With the network it would look up the names of all open connections.
  Object.assign(report, { excludeNetwork: true, excludeEnv: false });
  try {
    return (report.getReport() as { environmentVariables?: Record<string, string> }).environmentVariables ?? {};
  } finally {
    Object.assign(report, { excludeNetwork, excludeEnv });
  }
}
