/** A work that methods cite, by key. */
export interface Reference {
  /** As a sentence cites it: `Nencka et al., 2023`. */
  cited: string;
  bibtex: string;
}

const article = (key: string, fields: Record<string, string>, kind = 'article') =>
  `@${kind}{${key},\n${Object.entries(fields)
    .map(([name, value]) => `  ${name} = {${value}}`)
    .join(',\n')}\n}`;

const works = {
  nencka2023: {
    cited: 'Nencka et al., 2023',
    fields: {
      author: 'Nencka, Andrew S. and Muftuler, L. Tugan and LaViolette, Peter and Koch, Kevin M.',
      title: 'On Functional Activations in Deep Neural Networks',
      journal: 'arXiv:2311.10898',
      year: '2023',
    },
  },
  welch1947: {
    cited: 'Welch, 1947',
    fields: {
      author: 'Welch, B. L.',
      title: 'The Generalization of {Student}’s Problem when Several Different Population Variances are Involved',
      journal: 'Biometrika',
      volume: '34',
      pages: '28--35',
      year: '1947',
    },
  },
  nichols2002: {
    cited: 'Nichols and Holmes, 2002',
    fields: {
      author: 'Nichols, Thomas E. and Holmes, Andrew P.',
      title: 'Nonparametric Permutation Tests for Functional Neuroimaging: A Primer with Examples',
      journal: 'Human Brain Mapping',
      volume: '15',
      pages: '1--25',
      year: '2002',
    },
  },
  benjamini1995: {
    cited: 'Benjamini and Hochberg, 1995',
    fields: {
      author: 'Benjamini, Yoav and Hochberg, Yosef',
      title: 'Controlling the False Discovery Rate: A Practical and Powerful Approach to Multiple Testing',
      journal: 'Journal of the Royal Statistical Society B',
      volume: '57',
      pages: '289--300',
      year: '1995',
    },
  },
  alkhamissi2024: {
    cited: 'AlKhamissi et al., 2024',
    fields: {
      author: 'AlKhamissi, Badr and Tuckute, Greta and Bosselut, Antoine and Schrimpf, Martin',
      title: 'The {LLM} Language Network: A Neuroscientific Approach for Identifying Causally Task-Relevant Units',
      journal: 'arXiv:2411.02280',
      year: '2024',
    },
  },
  walther2016: {
    cited: 'Walther et al., 2016',
    fields: {
      author:
        'Walther, Alexander and Nili, Hamed and Ejaz, Naveed and Alink, Arjen and Kriegeskorte, Nikolaus and Diedrichsen, Jörn',
      title: 'Reliability of Dissimilarity Measures for Multi-Voxel Pattern Analysis',
      journal: 'NeuroImage',
      volume: '137',
      pages: '188--200',
      year: '2016',
    },
  },
  iglewicz1993: {
    cited: 'Iglewicz and Hoaglin, 1993',
    kind: 'book',
    fields: {
      author: 'Iglewicz, Boris and Hoaglin, David C.',
      title: 'How to Detect and Handle Outliers',
      publisher: 'ASQC Quality Press',
      year: '1993',
    },
  },
} as const;

export type Work = keyof typeof works;

export const references: Record<Work, Reference> = Object.fromEntries(
  Object.entries(works).map(([key, { cited, fields, ...rest }]) => [
    key,
    { cited, bibtex: article(key, fields, 'kind' in rest ? rest.kind : undefined) },
  ]),
) as Record<Work, Reference>;
