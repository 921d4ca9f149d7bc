const all: (() => void)[] = [];

/** Adds something that is forgotten when a stage has written anew. */
export const onForget = (forget: () => void): void => void all.push(forget);

/** Forgets all parts that were read. */
export const forgetParts = (): void => {
  for (const forget of all) forget();
};
