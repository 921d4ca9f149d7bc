/** Runs `work` as if standard error were a terminal, or as if it were none. */
export function onTerminal(isTTY: boolean, work: () => void): void {
  const own = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
  Object.defineProperty(process.stderr, 'isTTY', { value: isTTY, configurable: true });
  try {
    work();
  } finally {
    if (own) Object.defineProperty(process.stderr, 'isTTY', own);
    else Reflect.deleteProperty(process.stderr, 'isTTY');
  }
}
