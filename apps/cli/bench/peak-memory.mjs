// Loaded into a command (node --import): when it ends, its peak resident memory in bytes and its processor's seconds go to the file GALVANI_BENCH_USAGE.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread)
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const usage = { peak: 1024 * maxRSS, processor: (userCPUTime + systemCPUTime) / 1e6 };
    writeFileSync(process.env.GALVANI_BENCH_USAGE, JSON.stringify(usage));
  });
