import type { PickleOwner } from './pickle.js';
import { isGlobal, isMade, isTuple, type Pickled } from './pickled.js';

/** torch's storage classes and the format of their numbers. */
const storageFormats: Record<string, string> = {
  'torch.DoubleStorage': 'F64',
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
};

const dtypes = new Set(
  'float64 double float32 float float16 half bfloat16 int64 long int32 int int16 short int8 uint8 bool'
    .split(' ')
    .map((name) => `torch.${name}`),
);

const functions: Record<string, (args: Pickled[]) => Pickled | undefined> = {
  // Its items follow as SETITEMS; built from a list, a short pickle could copy one long list again and again.
  'collections.OrderedDict': (args) => (args.length === 0 ? new Map() : undefined),
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  'torch._utils._rebuild_tensor': rebuildTensor,
  'torch._utils._rebuild_parameter': ([data]) => data,
  'torch._utils._rebuild_parameter_with_state': ([data]) => data,
  'torch.Size': ([sizes]) => (isTuple(sizes ?? null) || Array.isArray(sizes) ? sizes : undefined),
};

/** A run of numbers of one format in the archive, shared by the tensors that are views of it. */
export class TorchStorage {
  constructor(
    /** Name of the archive's entry under `data/`. */
    readonly key: string,
    readonly dtype: string,
    /** How many numbers. */
    readonly count: number,
  ) {}
}

/** A view of a storage: number `offset + Σ index·stride`. */
export class TorchTensor {
  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {}
}

/** What a torch checkpoint may name: storages, tensors, parameters, OrderedDict and dtypes. */
export const torchGlobals: PickleOwner = {
  knows: (name) => Object.hasOwn(functions, name) || Object.hasOwn(storageFormats, name) || dtypes.has(name),
  call: (name, args) => (Object.hasOwn(functions, name) ? functions[name](args) : undefined),
  persistent(id) {
    // ('storage', class, key, device, count), as torch.serialization writes it.
    if (!isTuple(id) || id.items.length !== 5) return undefined;
    const [word, type, key, device, count] = id.items;
    if (word !== 'storage' || !isGlobal(type) || !Object.hasOwn(storageFormats, type.name)) return undefined;
    if (typeof key !== 'string' || typeof device !== 'string' || !isCount(count)) return undefined;
    return { kind: 'made', value: new TorchStorage(key, storageFormats[type.name], count) };
  },
};

function rebuildTensor([made, offset, size, stride]: Pickled[]): Pickled | undefined {
  if (!isMade(made ?? null) || !((made as { value: unknown }).value instanceof TorchStorage)) return undefined;
  const storage = (made as { value: TorchStorage }).value;
  if (!isCount(offset) || !isTuple(size ?? null) || !isTuple(stride ?? null)) return undefined;
  const shape = (size as { items: Pickled[] }).items;
  const strides = (stride as { items: Pickled[] }).items;
  if (shape.length !== strides.length || shape.length > 32) return undefined;
  if (!shape.every(isCount) || !strides.every(isCount)) return undefined;
  return { kind: 'made', value: new TorchTensor(storage, offset, shape, strides) };
}

function isCount(value: Pickled | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
