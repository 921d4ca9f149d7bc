import { UserMistake } from '@galvani/terminal';
import { bitsOf } from './number-format.js';
import { readPickle } from './pickle.js';
import { isMade, type Pickled } from './pickled.js';
import { openRanged, type Ranged } from './ranged-file.js';
import type { TensorFile } from './tensor-file.js';
import type { StoredTensor } from './tensor-read.js';
import { TorchTensor, torchGlobals } from './torch-pickle.js';
import { openZip, type ZipEntry } from './zip-archive.js';

/** Largest pickle in bytes; that of a model with 100,000 tensors has about 10 MB. */
const largestPickle = 64 << 20;
/** A view may show more numbers than its storage has (strides of 0), up to this many. */
const largestExpansion = 1 << 26;

/** How a file that torch 1.5 or older wrote begins: a pickle of protocol 2 with torch's magic number. */
const legacyMagic = Buffer.from('80028a0a6cfc9c46f9206aa85019', 'hex');

/**
 * Opens what `torch.save` writes since torch 1.6: a zip archive with a pickle, read here without running it, and one
 * entry for each storage. The pickle must be a state dict, or hold one under `state_dict` or `model`.
 */
export async function openTorchArchive(path: string): Promise<TensorFile> {
  const file = await openRanged(path);
  try {
    await refuseOldFormats(file);
    const entries = await openZip(file);
    const pickle = [...entries.values()].find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
    if (!pickle)
      throw new UserMistake(`${path} is a zip archive without data.pkl, so it was not written by torch.save.`);
    const root = pickle.name.slice(0, -'data.pkl'.length);
    await requireLittleEndian(entries.get(`${root}byteorder`), path);
    if (pickle.size > largestPickle)
      throw new UserMistake(`${path} has a data.pkl of ${pickle.size} bytes, which no state dict needs.`);
    const bytes = Buffer.alloc(pickle.size);
    await pickle.read(0, bytes);
    const tensors = new Map<string, StoredTensor>();
    for (const [name, tensor] of findTensors(readPickle(bytes, path, torchGlobals), path))
      tensors.set(name, locate(name, tensor, entries.get(`${root}data/${tensor.storage.key}`), path));
    return { path, tensors, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function refuseOldFormats(file: Ranged): Promise<void> {
  const head = Buffer.alloc(Math.min(file.size, legacyMagic.length));
  await file.read(0, head);
  if (head.equals(legacyMagic))
    throw new UserMistake(
      `${file.path} is in the format of torch 1.5 and older. Convert it once with Python: torch.save(torch.load("pytorch_model.bin", weights_only=True), "pytorch_model.bin").`,
    );
  if (head[0] === 0x80)
    throw new UserMistake(`${file.path} is a bare pickle and not an archive written by torch.save; it was not read.`);
}

async function requireLittleEndian(entry: ZipEntry | undefined, path: string): Promise<void> {
  if (!entry) return;
  const order = Buffer.alloc(Math.min(entry.size, 16));
  await entry.read(0, order);
  if (order.toString() !== 'little')
    throw new UserMistake(`${path} has the byte order ${JSON.stringify(order.toString())}, and little is read.`);
}

/** The tensors of a state dict; other values in it (a step count, a config) are passed over. */
function findTensors(value: Pickled, path: string): [string, TorchTensor][] {
  if (value instanceof Map)
    for (const dict of [value, value.get('state_dict'), value.get('model')]) {
      if (!(dict instanceof Map)) continue;
      const found: [string, TorchTensor][] = [];
      for (const [name, held] of dict)
        if (isMade(held) && held.value instanceof TorchTensor) found.push([String(name), held.value]);
      if (found.length > 0) return found;
    }
  throw new UserMistake(`${path} holds no state dict: a dict of names and tensors was expected.`);
}

/** Checks that a tensor lies inside its storage, and says where. */
function locate(name: string, tensor: TorchTensor, entry: ZipEntry | undefined, path: string): StoredTensor {
  const { storage, offset, shape, strides } = tensor;
  const wrong = (why: string) => new UserMistake(`${path}: the tensor ${JSON.stringify(name)} ${why}.`);
  const width = bitsOf(storage.dtype)! / 8;
  if (!entry) throw wrong(`needs the storage ${JSON.stringify(storage.key.slice(0, 50))}, which is not in the archive`);
  if (storage.count * width !== entry.size)
    throw wrong(`has a storage of ${storage.count} ${storage.dtype} numbers, and ${entry.size} bytes are there`);
  const count = shape.reduce((a, b) => a * b, 1);
  const last = count === 0 ? offset : shape.reduce((sum, n, i) => sum + (n - 1) * strides[i], offset);
  if (!(last < storage.count || (count === 0 && last <= storage.count)))
    throw wrong(`of shape [${shape.join(', ')}] goes beyond its storage of ${storage.count} numbers`);
  if (count > storage.count && count > largestExpansion)
    throw wrong(`shows ${count} numbers of a storage that has ${storage.count}`);
  const start = offset * width;
  const stored = { dtype: storage.dtype, shape, bytes: entry, start };
  return isRowMajor(shape, strides) ? stored : { ...stored, strides };
}

function isRowMajor(shape: number[], strides: number[]): boolean {
  let expected = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && strides[d] !== expected) return false;
    expected *= shape[d];
  }
  return true;
}
