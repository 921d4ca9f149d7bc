/** `a`, `a and b`, `a, b and c`; nothing of none. */
export function listed(items: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(items);
}
