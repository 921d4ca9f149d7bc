const maxLabel = 60;

/** `medical-imaging` as a label of BIDS, which may hold letters and digits alone: `medicalimaging`. May be empty. */
const plainLabel = (name: string) => name.replaceAll(/[^a-zA-Z0-9]/g, '').slice(0, maxLabel);

/**
 * Labels of names in a BIDS dataset: of each its ASCII letters and digits, at most 60. Where these are no label, or one that an earlier name has,
 * a number follows. Labels that differ by case alone count as the same, since file systems may not tell them apart.
 *
 * @param word what a name without any letter or digit is called
 * @example [...bidsLabels(['medical-imaging', 'medicalimaging', '…'], 'task').values()] // ['medicalimaging', 'medicalimaging2', 'task']
 */
export function bidsLabels(names: readonly string[], word: string): Map<string, string> {
  const labels = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names) {
    if (labels.has(name)) continue;
    const stem = plainLabel(name) || word;
    let label = stem;
    for (let k = 2; taken.has(label.toLowerCase()); k++) label = `${stem}${k}`;
    taken.add(label.toLowerCase());
    labels.set(name, label);
  }
  return labels;
}

/** Entities of file names that are written here, in their order: BIDS's own, and nilearn's `contrast` and `stat`, which stand after `task` there. */
const entities = ['sub', 'ses', 'task', 'contrast', 'stat', 'seg', 'label', 'desc'] as const;

export type Entities = Partial<Record<(typeof entities)[number], string>>;

/**
 * A file's path in the dataset.
 * @param suffix with extension: `events.tsv`
 */
export function bidsPath(given: Entities & { sub: string }, datatype: 'func' | 'anat', suffix: string): string {
  const named = entities.flatMap((entity) => (given[entity] === undefined ? [] : [`${entity}-${given[entity]}`]));
  const session = given.ses === undefined ? [] : [`ses-${given.ses}`];
  return [`sub-${given.sub}`, ...session, datatype, [...named, suffix].join('_')].join('/');
}
