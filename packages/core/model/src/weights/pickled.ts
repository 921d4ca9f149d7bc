/** What a pickle can hold here: plain data, and what the owner of the pickle's globals makes. */
export type Pickled = null | boolean | number | string | Pickled[] | Map<Pickled, Pickled> | Tuple | Global | Made;
export interface Tuple {
  kind: 'tuple';
  items: Pickled[];
}
/** A name that the pickle asks for, as `torch._utils._rebuild_tensor_v2`. It stands for nothing until it is called. */
export interface Global {
  kind: 'global';
  name: string;
}
/** Something built by the owner of the globals. */
export interface Made {
  kind: 'made';
  value: unknown;
}

export function isTuple(value: Pickled): value is Tuple {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tuple';
}
export function isGlobal(value: Pickled): value is Global {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'global';
}
export function isMade(value: Pickled): value is Made {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'made';
}
