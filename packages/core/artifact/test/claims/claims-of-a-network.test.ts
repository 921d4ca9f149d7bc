/** All that holds of claims holds too where a file system is asked what it has, as one of a network is. */
import { vi } from 'vitest';

vi.mock('../../src/claims/machines-own.js', () => ({ isMachinesOwn: () => false }));
await import('./claims.test.js');
