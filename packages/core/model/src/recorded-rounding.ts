/** What rounding in float16 explains: onnxruntime computes float16 in float32 and rounds where an output asks for it. */
export const float16Rounding = 0.05;

/**
 * What rounding explains of a difference between two ways to compute a site, relative to its largest number: alone or in a batch, anew or with
 * cached keys and values. Float16 rounds by up to 5e-4 of a number, and layer after layer: in twelve of random weights it came to 2e-3.
 */
export const recordedRounding = (inFloat16: boolean): number => (inFloat16 ? float16Rounding : 1e-3);
