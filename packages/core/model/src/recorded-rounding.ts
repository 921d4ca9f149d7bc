/** What rounding to float16 or to whole numbers of eight bits explains: onnxruntime computes float16 in float32 and rounds where an output asks for it. */
export const coarseRounding = 0.05;

/**
 * What rounding explains of a difference between two ways to compute a site, relative to its largest number: alone or in a batch, anew or with
 * cached keys and values. Float16 rounds by up to 5e-4 of a number, and layer after layer: in twelve of random weights it came to 2e-3. Rounding to whole numbers
 * of eight bits came to 7e-3 there.
 */
export const recordedRounding = (coarse: boolean): number => (coarse ? coarseRounding : 1e-3);
