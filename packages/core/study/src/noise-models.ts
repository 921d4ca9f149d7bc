/** The noise models that a study may name, each with what it takes for granted. */
export const noiseAssumptions = {
  prompt:
    'The prompt is the sampling unit: the tokens of a prompt are averaged, each prompt counts once however long it is, every run has an intercept of its own, and degrees of freedom are counted in prompts. Tokens of one prompt share its content, so more tokens make a prompt’s mean more precise but are not more evidence about its topic.',
  mixed:
    'A level for each prompt and independent tokens about it, by restricted maximum likelihood for each unit, so that longer prompts count for more. Prompts of all conditions are taken to vary alike, and their lengths to say nothing of activity.',
  ols: 'Tokens are taken as independent observations. They are not: they follow on from each other and share their prompt. Where simulated noise had both an autocorrelation of 0.3 and an effect of each prompt (60 prompts of 10 tokens), this model called 30% of null units significant at p < 0.05. Read these maps as a description; p-values and thresholds that rest on them are far too lenient.',
  ar1: 'Tokens of a prompt follow a first-order autoregressive process, estimated for each unit. This allows for autocorrelation but not for what a prompt adds to all its tokens: where simulated noise had both (60 prompts of 10 tokens), 12% of null units were called significant at p < 0.05.',
  arma11:
    'Tokens of a prompt follow an ARMA(1,1) process, estimated for each unit by restricted maximum likelihood. This allows for autocorrelation but not for what a prompt adds to all its tokens: where simulated noise had both (60 prompts of 10 tokens), 8% of null units were called significant at p < 0.05.',
  'ar1+prompt':
    'Tokens of a prompt follow a first-order autoregressive process about a level of their own, both estimated for each unit by restricted maximum likelihood.',
} as const;

/** What relabelling, and with noise `prompt` t and p, take for granted of how prompts vary. */
export const varianceAssumptions = {
  separate:
    'Prompts of on and of off blocks, and in contrasts of each task, have a variance of their own (Welch’s t). What is relabelled is that t, so that a task whose prompts only vary more or less than others is not taken for an effect: exact where prompts could bear each other’s labels, approximate where conditions differ in spread.',
  pooled:
    'Prompts of all conditions are taken to vary alike. Relabelling is exact where they do; where a task’s prompts are fewer than those of off blocks and vary more, units may pass for that alone.',
} as const;

export const noiseModels = Object.keys(noiseAssumptions) as (keyof typeof noiseAssumptions)[];
