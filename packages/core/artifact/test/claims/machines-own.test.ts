import { expect, test } from 'vitest';
import { isMachinesOwn } from '../../src/claims/machines-own.js';

test.runIf(process.platform === 'linux')(
  'memory is the machine’s own; of what is no disk, or not there, it is not known',
  () => {
    expect(['/dev/shm', '/proc', '/nowhere'].map(isMachinesOwn)).toEqual([true, false, false]);
  },
);
