/** Commands as one would write them, each after `galvani`, and what they do. */
export const examples: readonly (readonly [words: string, says: string])[] = [
  ['init my-study', "a study of one's own to begin with"],
  ['run pipelines/default/study.yaml', 'the whole study, then where the report is'],
  ['networks pipelines/default/study.yaml', 'one stage of it'],
  ['view pipelines/default', 'look at it in the browser'],
  ['verify pipelines/default', 'whether every file is as it was written'],
  ['sites data/models/frog', 'what can be recorded in a model'],
  [
    'trace data/models/frog --prompt "Fossils are" --new-tokens 8 --out fossils.arrow',
    'a prompt continued and recorded',
  ],
  ['glm --series run1.npy --events run1.tsv --config glm.yaml --out maps', 'a series of your own, without any model'],
  [
    "mask pipelines/default --task pathology --sites '*.activation_fn'",
    'a network as weights to fine-tune, for PyTorch',
  ],
  [
    'replay pipelines/default --site model.decoder.layers.3.fc1 --unit 7 --out unit.csv',
    "a unit's activity at every token, recorded or not",
  ],
  ['unit pipelines/default model.decoder.layers.3.fc1 7', 'its values, statistics, and where it is highest and lowest'],
  ['group pipelines/a pipelines/b pipelines/c', 'several models as subjects: docs/group.md'],
  ['submit pipelines/default --executor slurm', 'the whole study on a cluster: docs/clusters.md'],
  ['power pipelines/default', 'how many prompts a study needs, from a recorded one'],
  ['calibrate --quick', 'how often each noise model is wrong'],
];

/** The same as help shows them. */
export const examplesText = `
Examples:
${examples.map(([words, says]) => exampleLine(`galvani ${words}`, says)).join('\n')}`;

/** What a command does stands beside it, or below it where it is long. */
function exampleLine(command: string, says: string): string {
  const column = 52;
  return command.length + 2 < column
    ? `  ${command.padEnd(column - 2)}${says}`
    : `  ${command}\n${' '.repeat(column)}${says}`;
}
