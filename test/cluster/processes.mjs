import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const numbers = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

/** Processes of a cluster, whose environment names its slurm.conf, and another variable where one is given. */
export function processesWith(conf, variable) {
  return numbers()
    .filter((pid) => {
      const environment = read(pid, 'environ');
      return environment.includes(`SLURM_CONF=${conf}`) && (!variable || environment.includes(variable));
    })
    .map(Number);
}

/** Processes of node that have all of these words on their command line. */
export function commandsWith(...words) {
  return numbers()
    .filter((pid) => {
      const line = read(pid, 'cmdline');
      return /node$/.test(line[0] ?? '') && words.every((word) => line.includes(word));
    })
    .map(Number);
}

/** Ends processes at once, and those that they begin meanwhile. */
export async function killAll(find) {
  for (let found = find(); found.length > 0; found = find()) {
    for (const pid of found)
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    await sleep(20);
  }
}
