import { Failure } from '@galvani/terminal';

/** A column of a binary table. */
export interface TableColumn {
  name: string;
  /** What its values are read as; `other` holds what is neither number, flag nor text: dates, bytes, nested values. */
  kind: 'number' | 'flag' | 'text' | 'other';
  /** Its type in the words of its format, for messages. */
  type: string;
  /** Numbers in a row: above 1 where the column is a fixed-size list. */
  width: number;
  /** Whether it is a fixed-size list. */
  list: boolean;
  /** Whether pandas keeps a frame's index in it. */
  index: boolean;
  /** Metadata of the field. */
  metadata: ReadonlyMap<string, string>;
}

/** Values of a column in one batch of rows. */
export type ColumnValues =
  | {
      kind: 'number';
      /** rows x width; a missing value is NaN. */
      values: Float64Array | Float32Array;
      /** Integers beyond 2^53 as they are, by place: `values` holds the float64 next to each, which may be another. */
      exact: ReadonlyMap<number, bigint>;
    }
  | { kind: 'flag'; values: (boolean | null)[] }
  | { kind: 'text'; values: (string | null)[] };

/** A binary table whose rows are read a batch at a time. */
export interface BinaryTable {
  path: string;
  columns: TableColumn[];
  /** Rows of each batch. */
  batches: readonly number[];
  /**
   * Values of some columns in a batch; none may be of kind `other`.
   * @throws Failure if the file is damaged
   */
  read(batch: number, columns: readonly number[]): Promise<ColumnValues[]>;
  close(): Promise<void>;
}

/** @throws Failure if a name is there twice */
export function requireUniqueNames(path: string, columns: readonly TableColumn[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) throw new Failure(`${path}: the column '${name}' is there twice.`);
    seen.add(name);
  }
}

/** An error of a decoder as a sentence about its file; failures that have one already stay. */
export function damaged(path: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  return new Failure(`${path} is damaged (${cause instanceof Error ? cause.message : cause}).`, { cause });
}

/**
 * Refuses sizes that a file of so many bytes does not hold: run lengths and compression let a few bytes stand for any
 * number of values, and no table of measurements is that empty.
 *
 * @param values that the file says it holds
 */
export function requirePlausible(path: string, values: number, fileBytes: number): void {
  if (!(values <= Math.max(4e6, 256 * fileBytes)))
    throw new Failure(
      `${path} is damaged or no table of data: it says that its ${fileBytes} bytes hold ${values} values.`,
    );
}
