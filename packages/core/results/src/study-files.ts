import { join } from 'node:path/posix';
import { type ByteSource, openFile } from '@galvani/artifact';

/** A study's files by name, wherever they lie: `glm/task-pathology/block-00.arrow`. */
export interface StudyFiles {
  /** @throws where there is no such file */
  open(name: string): Promise<ByteSource>;
}

/** Those in a folder of this machine. */
export const filesOnDisk = (root: string): StudyFiles => ({ open: (name) => openFile(join(root, name)) });
