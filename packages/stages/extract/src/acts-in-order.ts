/** What is to be done after each of some pieces of work, in their order, whichever of them is through first. */
export interface ActsInOrder {
  /** Says that a piece of work is through. Its act is done when those of all before it are. */
  through(name: string, act: () => void): void;
  /** Does the acts that wait for a piece of work which never was through. */
  rest(): void;
}

export function actsInOrder(names: readonly string[]): ActsInOrder {
  const waiting = new Map<string, () => void>();
  let next = 0;
  const act = (name: string) => {
    waiting.get(name)?.();
    waiting.delete(name);
  };
  return {
    through(name, own) {
      waiting.set(name, own);
      while (next < names.length && waiting.has(names[next])) act(names[next++]);
    },
    rest() {
      names.slice(next).forEach(act);
    },
  };
}
