import { statfsSync } from 'node:fs';

/**
 * Types of file systems that one machine alone writes to, as Linux numbers them: ext2 to ext4, XFS, Btrfs, F2FS, tmpfs, overlayfs, whose upper
 * layer no network file system can be, and ZFS. Source: linux/include/uapi/linux/magic.h, OpenZFS's zfs_vfsops.
 */
const machinesOwn = [0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x01021994, 0x794c7630, 0x2fc12fc1];

/** Whether nobody but this machine can change what is in a folder. False where that is not known: on other systems, and of other types. */
export function isMachinesOwn(folder: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return machinesOwn.includes(Number(statfsSync(folder).type) >>> 0);
  } catch {
    return false;
  }
}
