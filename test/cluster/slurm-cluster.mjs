import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killAll, processesWith } from './processes.mjs';

/** What is needed of Debian's slurm-wlm and munge; undefined where all of it is there. */
export function missingProgram() {
  const needed = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue', 'scontrol'];
  return needed.find((name) => {
    try {
      execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin; command -v ${name}`], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = [];
  for (const server of servers) {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push(server.address().port);
  }
  for (const server of servers) server.close();
  return ports;
}

/** No service manager, no accounting, nothing outside of `folder`; a node that is silent for five seconds is lost. */
function configuration(folder, nodes, [controller, ...ports]) {
  const host = hostname();
  const { username } = userInfo();
  return `ClusterName=galvani
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmUser=${username}
SlurmdUser=${username}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket
CredType=cred/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd-%n.log
SlurmdTimeout=5
SlurmctldTimeout=5
MessageTimeout=5
KillWait=2
ReturnToService=2
MaxArraySize=1001
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
SlurmdParameters=config_overrides
${nodes.map((name, n) => `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[n]} CPUs=4 RealMemory=64000`).join('\n')}
PartitionName=main Nodes=ALL Default=YES State=UP
`;
}

/**
 * A cluster of nodes on this machine, without systemd: Debian's munge and Slurm, as whoever runs this.
 * @param {string} folder empty
 * @param {string[]} nodes names
 */
export async function startCluster(folder, nodes) {
  mkdirSync(join(folder, 'state'));
  const conf = join(folder, 'slurm.conf');
  writeFileSync(conf, configuration(folder, nodes, await freePorts(1 + nodes.length)));
  writeFileSync(join(folder, 'munge.key'), randomBytes(128), { mode: 0o400 });
  const path = `${process.env.PATH}:/usr/sbin`;
  const env = { ...process.env, PATH: path, SLURM_CONF: conf };
  const begin = (words, more = {}) =>
    spawn(words[0], words.slice(1), { env: { ...env, ...more }, cwd: folder, stdio: 'ignore', detached: true });
  const slurm = (...words) => execFileSync(words[0], words.slice(1), { env, encoding: 'utf8', timeout: 60_000 });
  const munge = [
    'key-file=munge.key',
    'socket=munge.socket',
    'pid-file=munge.pid',
    'log-file=munge.log',
    'seed-file=munge.seed',
  ];
  const munged = begin([
    'munged',
    '--foreground',
    '--force',
    ...munge.map((each) => `--${each.replace('=', `=${folder}/`)}`),
  ]);
  const until = async (what, ready) => {
    for (const end = Date.now() + 30_000; ; await sleep(100)) {
      try {
        if (ready()) return;
      } catch {
        // Not yet.
      }
      if (Date.now() > end) throw new Error(`${what} does not start: ${tail(join(folder, 'slurmctld.log'))}`);
    }
  };
  await until('munge', () => readFileSync(join(folder, 'munge.pid')).length > 0);
  begin(['slurmctld', '-D', '-i']);
  for (const name of nodes) begin(['slurmd', '-D', '-N', name], { GALVANI_TEST_NODE: name });
  await until('Slurm', () =>
    slurm('sinfo', '--noheader', '--Node', '--format=%t')
      .trim()
      .split(/\s+/)
      .every((state) => state === 'idle'),
  );
  return {
    env,
    slurm,
    /** Ends a node's daemon and all that runs on it, as a power cut does. */
    killNode: (name) =>
      killAll(() => [
        ...processesWith(conf, `GALVANI_TEST_NODE=${name}`),
        ...processesWith(conf, `SLURMD_NODENAME=${name}`),
      ]),
    async stop() {
      await killAll(() => processesWith(conf));
      munged.kill('SIGKILL');
    },
  };
}

function tail(path) {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').slice(-5).join(' ');
  } catch {
    return 'no log';
  }
}
