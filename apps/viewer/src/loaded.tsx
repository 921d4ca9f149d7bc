import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { PartProblem } from './data/parts.js';

interface LoadedProps<T> {
  of: () => Promise<T>;
  /** What the promise depends on: it is asked for anew where one of these changes. */
  by: readonly unknown[];
  /** For the person who waits: 'the map'. */
  what: string;
  /** Whether what was there before is gone while it is read, and what is read is said: of what takes long. */
  stale?: boolean;
  children: (value: T) => ComponentChildren;
}

/** Shows something once it is there, what was there before while it comes, and a sentence where it cannot be had. */
export function Loaded<T>({ of, by, what, stale = false, children }: LoadedProps<T>) {
  const [found, setFound] = useState<{ value: T } | { problem: string } | undefined>();
  useEffect(() => {
    let wanted = true;
    if (stale) setFound(undefined);
    of().then(
      (value) => wanted && setFound({ value }),
      (error: Error) => {
        if (!wanted) return;
        setFound({ problem: error.message });
        if (!(error instanceof PartProblem)) throw error;
      },
    );
    return () => {
      wanted = false;
    };
  }, by);
  if (found === undefined) return <p role="status">Reading {what} …</p>;
  if ('problem' in found) return <p role="alert">{found.problem}</p>;
  return <>{children(found.value)}</>;
}
