/** A sentence for each reason why sites of a file cannot be intervened on. */
export function describeFixed(fixed: readonly { name: string; why: string }[], sites: number): string[] {
  const byReason = new Map<string, string[]>();
  for (const { name, why } of fixed) byReason.set(why, [...(byReason.get(why) ?? []), name]);
  return [...byReason].map(([why, names]) => {
    const more = names.length > 6 ? ` and ${names.length - 6} more` : '';
    const which = names.length === sites ? 'its sites' : `${names.slice(0, 6).join(', ')}${more}`;
    return `${which} can be recorded and not intervened on: ${why}.`;
  });
}
