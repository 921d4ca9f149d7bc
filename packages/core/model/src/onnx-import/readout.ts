/** Log probabilities in nats of one row of logits, written to `out`; returns the entropy in nats and the first largest. */
export function readLogits(logits: Float32Array, out: Float32Array): { entropy: number; argmax: number } {
  let argmax = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[argmax]) argmax = i;
  const largest = logits[argmax];
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < logits.length; i++) {
    const shifted = logits[i] - largest;
    const weight = Math.exp(shifted);
    sum += weight;
    if (weight > 0) weighted += weight * shifted;
  }
  const logSum = Math.log(sum);
  for (let i = 0; i < logits.length; i++) out[i] = logits[i] - largest - logSum;
  return { entropy: logSum - weighted / sum, argmax };
}
