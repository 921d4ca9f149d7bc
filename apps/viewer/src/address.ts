/**
 * What the viewer shows, all of it, as it stands in the page's address: `#map=task-pathology&unit=model.decoder.layers.3.fc1:7`. A link shows a
 * colleague the same view, and the browser's back button goes to the one before.
 */
export interface View {
  /** Which of the studies that are served, from 0. */
  study: number;
  /** Name of a map; undefined: the first. */
  map?: string;
  /** Column of the map that is drawn. Default: z. */
  statistic: string;
  /** How units are left out: by the statistic's size, or by a corrected p. */
  by: Threshold;
  /** Units whose statistic is at least this, or whose corrected p is at most this, are drawn. Undefined: all. */
  threshold?: number;
  sign: 'both' | 'positive' | 'negative';
  /** Units that are outlined, by the networks that they belong to. */
  pick?: Pick;
  /** Beside the map another one, or their difference. */
  compare: 'none' | 'side' | 'difference';
  /** The other map, and which study's. */
  other?: string;
  otherStudy?: number;
  /** The selected unit. */
  unit?: UnitName;
  /** A task whose network's mean is shown in place of a unit. */
  mean?: string;
  /** What the course draws: activity alone, with what the GLM fits of it, or what that leaves. */
  course: 'activity' | 'fit' | 'residual';
  /** Whether the untrained twin's activity stands below the model's. */
  twin: boolean;
  /** The run that the course shows; undefined: all. */
  run?: string;
  /** A selected prompt or token: row of the run's recording. */
  row?: number;
  /** What part of the map is seen, in units from the left and sites from the top; undefined: all of it. */
  window?: MapWindow;
  /** Which table of networks is seen. */
  table: string;
}

export type Threshold = 'statistic' | 'familywise' | 'fdr';

/**
 * Units by networks: members of all of these tasks' networks, with effects of one sign; or, `exactly`, members of these networks and of no others,
 * whatever their signs.
 */
export interface Pick {
  tasks: readonly string[];
  exactly: boolean;
}

/** A unit of a site, from 0. */
export interface UnitName {
  site: string;
  unit: number;
}

/** A stretch of the map, in shares of its width and height: from 0 to 1. */
export interface MapWindow {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export const firstView: View = {
  study: 0,
  statistic: 'z',
  by: 'statistic',
  sign: 'both',
  compare: 'none',
  course: 'activity',
  twin: false,
  table: 'overlap',
};

/** A view as the text after `#`; what is as in `firstView` is left out. */
export function toAddress(view: View): string {
  const words = new URLSearchParams();
  for (const [key, write] of Object.entries(fields) as [keyof View, Field<never>][]) {
    const value = view[key];
    if (value !== undefined && value !== firstView[key]) words.set(key, write.write(value as never));
  }
  return words.toString();
}

/** The view of an address. What it does not understand is as in `firstView`: addresses are typed, cut short and grow old. */
export function fromAddress(address: string): View {
  const words = new URLSearchParams(address.replace(/^#/, ''));
  const view: View = { ...firstView };
  for (const [key, { read }] of Object.entries(fields) as [keyof View, Field<unknown>][]) {
    const word = words.get(key);
    const value = word === null ? undefined : read(word);
    if (value !== undefined) (view as unknown as Record<string, unknown>)[key] = value;
  }
  return view;
}

interface Field<T> {
  write(value: T): string;
  read(word: string): T | undefined;
}

const text: Field<string> = { write: (value) => value, read: (word) => (word === '' ? undefined : word) };
const whole: Field<number> = {
  write: String,
  read: (word) => (/^\d{1,9}$/.test(word) ? Number(word) : undefined),
};
const number: Field<number> = {
  write: String,
  read: (word) => (word !== '' && Number.isFinite(Number(word)) ? Number(word) : undefined),
};
const oneOf = <T extends string>(...words: readonly T[]): Field<T> => ({
  write: (value) => value,
  read: (word) => words.find((each) => each === word),
});
const yes: Field<boolean> = { write: () => 'yes', read: (word) => word === 'yes' || undefined };
const unit: Field<UnitName> = {
  write: ({ site, unit }) => `${site}:${unit}`,
  read(word) {
    const [, site, number] = /^(.+):(\d{1,9})$/.exec(word) ?? [];
    return site === undefined ? undefined : { site, unit: Number(number) };
  },
};
const pick: Field<Pick> = {
  write: ({ tasks, exactly }) => (exactly ? 'only ' : '') + tasks.map(encodeURIComponent).join(' '),
  read(word) {
    const words = word.split(' ').filter((each) => each !== '');
    const exactly = words[0] === 'only' && words.length > 1;
    try {
      const tasks = (exactly ? words.slice(1) : words).map(decodeURIComponent);
      return tasks.length > 0 ? { tasks, exactly } : undefined;
    } catch {
      return undefined;
    }
  },
};
const mapWindow: Field<MapWindow> = {
  write: ({ left, top, right, bottom }) => [left, top, right, bottom].map((each) => +each.toFixed(6)).join(','),
  read(word) {
    const [left, top, right, bottom] = word.split(',').map((each) => number.read(each));
    const inside = [left, top, right, bottom].every((each) => each !== undefined && each >= 0 && each <= 1);
    return inside && left! < right! && top! < bottom!
      ? { left: left!, top: top!, right: right!, bottom: bottom! }
      : undefined;
  },
};

const fields: { [K in keyof Required<View>]: Field<NonNullable<View[K]>> } = {
  study: whole,
  map: text,
  statistic: text,
  by: oneOf('statistic', 'familywise', 'fdr'),
  threshold: number,
  sign: oneOf('both', 'positive', 'negative'),
  pick,
  compare: oneOf('none', 'side', 'difference'),
  other: text,
  otherStudy: whole,
  unit,
  mean: text,
  course: oneOf('activity', 'fit', 'residual'),
  twin: yes,
  run: text,
  row: whole,
  window: mapWindow,
  table: text,
};
