/** What a study has where study.yaml does not say: Nx has to know these of a study that nothing has checked yet. */
export const defaults = /** @type {const} */ ({
  sessions: 4,
  /** Relative to the workspace; study.yaml calls both `embedded`. */
  model: 'data/models/frog',
  prompts: 'data/prompts/prompts.csv',
});

export const mostSessions = 999;
