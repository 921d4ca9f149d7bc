/** The little of WebAssembly that is used; its types come with a browser's, which this project does not have. */
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number; shared: boolean }) => { buffer: ArrayBufferLike };
};

/** Bytes of a page of memory on all common systems. */
export const pageBytes = 4096;

/** The unit in which WebAssembly takes memory. */
const wasmPage = 1 << 16;

const known = new WeakSet<ArrayBufferLike>();

/**
 * Zeroed memory that begins at a page's border, so that a disk can be written from it directly. It is WebAssembly's,
 * the only one that JavaScript can have aligned, and is used like any other. Threads share it if asked. Beyond 4 GB, and where
 * the system gives a process too few addresses for WebAssembly's reserve, the memory lies anywhere.
 */
export function allocatePages(bytes: number): ArrayBuffer;
export function allocatePages(bytes: number, shared: true): SharedArrayBuffer;
export function allocatePages(bytes: number, shared = false): ArrayBufferLike {
  const size = Math.ceil(bytes / wasmPage);
  try {
    const { buffer } = new WebAssembly.Memory({ initial: size, maximum: size, shared });
    recognizePages(buffer);
    return buffer;
  } catch (error) {
    // Which of the two says that it is too much differs between versions of Node.
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    return shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  }
}

/** Tells `beginsPage` of memory that another thread allocated here. */
export function recognizePages(buffer: ArrayBufferLike): void {
  known.add(buffer);
}

/** Whether an array is known to begin at a page's border. */
export function beginsPage({ buffer, byteOffset }: ArrayBufferView): boolean {
  return byteOffset % pageBytes === 0 && known.has(buffer);
}

/** Zeroed arrays of the given lengths in one buffer, each of which begins a page: float16's bits with `half`, else float32. */
export function pagedActivations(
  half: boolean,
  lengths: readonly number[],
  shared = false,
): (Float32Array | Uint16Array)[] {
  const width = half ? 2 : 4;
  const starts: number[] = [];
  let end = 0;
  for (const length of lengths) {
    starts.push(end);
    end += Math.ceil((width * length) / pageBytes) * pageBytes;
  }
  const buffer = shared ? allocatePages(end, true) : allocatePages(end);
  return lengths.map((length, i) =>
    half ? new Uint16Array(buffer, starts[i], length) : new Float32Array(buffer, starts[i], length),
  );
}
