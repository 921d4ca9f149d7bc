/**
 * How far a pattern lies beyond the middle between rest and a task, along the line between them over the units of the task's network:
 * (profile . pattern - profile . profile / 2) / |profile|. 0 where the profile is null; -Infinity, which identifies nothing, where the
 * network has no member.
 *
 * @param product profile . pattern
 * @param square profile . profile
 * @param members of the network
 */
export function beyondMiddle(product: number, square: number, members: number): number {
  if (members === 0) return Number.NEGATIVE_INFINITY;
  return square === 0 ? 0 : (product - square / 2) / Math.sqrt(square);
}
