/** What happens to the matches of a pattern at which text is split. */
export type SplitBehaviour = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous';

/**
 * Splits text at a global pattern as `SplitDelimiterBehavior` of the Rust crate `tokenizers` says: on `the-final--end`
 * split at `-`, Isolated gives `the - final - - end`, MergedWithPrevious `the- final- - end`, MergedWithNext
 * `the -final - -end` and Contiguous `the - final -- end`. With `invert` the pattern's matches are what is kept together.
 */
export function splitBy(text: string, pattern: RegExp, behaviour: SplitBehaviour, invert = false): string[] {
  const parts: { text: string; mark: boolean }[] = [];
  const push = (from: number, to: number, mark: boolean) => {
    if (to > from) parts.push({ text: text.slice(from, to), mark });
  };
  let reached = 0;
  for (const match of text.matchAll(pattern)) {
    push(reached, match.index, invert);
    reached = match.index + match[0].length;
    push(match.index, reached, !invert);
  }
  push(reached, text.length, invert);

  if (behaviour === 'Removed') return parts.filter(({ mark }) => !mark).map((part) => part.text);
  if (behaviour === 'Isolated') return parts.map((part) => part.text);
  const joined: string[] = [];
  parts.forEach((part, i) => {
    const before = parts[i - 1];
    const together =
      before !== undefined &&
      (behaviour === 'Contiguous'
        ? part.mark === before.mark
        : behaviour === 'MergedWithPrevious'
          ? part.mark && !before.mark
          : before.mark && !part.mark);
    if (together) joined[joined.length - 1] += part.text;
    else joined.push(part.text);
  });
  return joined;
}
