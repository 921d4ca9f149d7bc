/**
 * How far a pattern lies beyond the middle between rest and a task, along the line between them over the units of the task's network:
 * (profile . pattern - profile . profile / 2) / |profile|. 0 where the profile is null.
 *
 * @param product profile . pattern
 * @param square profile . profile
 */
export const beyondMiddle = (product: number, square: number): number =>
  square === 0 ? 0 : (product - square / 2) / Math.sqrt(square);
