import fc from 'fast-check';

/**
 * Property tests draw the same examples in every run, so that a test fails where a change made it fail. FAST_CHECK_SEED draws others:
 * `FAST_CHECK_SEED=$RANDOM npx vitest run`.
 */
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 20_231_130) });
