/** The horizontal axis of shares of prompts or runs that are identified. */
export const accuracyAxis = {
  domain: [0, 1],
  label: 'identified correctly →',
  labelAnchor: 'right',
  tickFormat: (share: number) => `${Math.round(share * 100)}%`,
  tickSize: 3,
} as const;
