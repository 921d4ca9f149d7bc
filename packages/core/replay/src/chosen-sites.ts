import { describeSubject, type Site } from '@galvani/model';
import { advised, didYouMean, shellWord, UserMistake } from '@galvani/terminal';

/** A site that is asked for. */
export interface AskedSite {
  site: string;
  /** Units of it, from 0. Default: all. */
  units?: readonly number[];
  /** In which runs. Default: all that are replayed. */
  runs?: readonly string[];
}

/**
 * Sites of a model that are asked for, those that are recorded by default first. Those that a study recorded are known without a look at the model; others may be
 * asked for all the same.
 *
 * @param recorded the sites of the recording
 * @throws UserMistake for a name or a unit that the model does not have
 */
export async function chosenSites(
  asked: readonly AskedSite[],
  recorded: readonly Site[],
  model: string,
): Promise<Site[]> {
  const names = asked.map(({ site }) => site);
  const unknown = names.some((name) => !recorded.some((site) => site.name === name));
  const sites = unknown ? await allSites(model) : recorded;
  for (const name of names)
    if (!sites.some((site) => site.name === name))
      throw new UserMistake(
        `the model has no site '${name}'.${didYouMean(
          name,
          sites.map((site) => site.name),
        )} ${advised(`sites ${shellWord(model)}`)} lists its ${sites.length} sites.`,
      );
  const chosen = sites.filter(({ name }) => names.includes(name));
  requireUnits(asked, chosen);
  return chosen;
}

async function allSites(model: string): Promise<Site[]> {
  const { sites, further = [] } = await describeSubject(model);
  return [...sites, ...further];
}

/** The sites of one run, and which units of each: undefined for all. */
export function sitesOfRun(
  run: string,
  asked: readonly AskedSite[],
  sites: readonly Site[],
): Map<Site, readonly number[] | undefined> {
  const found = new Map<Site, readonly number[] | undefined>();
  for (const site of sites) {
    const own = asked.filter((each) => each.site === site.name && (each.runs?.includes(run) ?? true));
    const units = own.map((each) => each.units);
    if (own.length > 0) found.set(site, units.includes(undefined) ? undefined : [...new Set(units.flatMap((u) => u!))]);
  }
  return found;
}

/** A pattern that matches one name alone, whatever characters it has. */
export const patternOf = (name: string) => name.replace(/[*?[{]/g, (character) => `[${character}]`);

function requireUnits(asked: readonly AskedSite[], sites: readonly Site[]): void {
  for (const { name, width } of sites) {
    const units = asked.filter(({ site }) => site === name).flatMap((each) => each.units ?? []);
    const beyond = units.find((unit) => unit >= width);
    if (beyond !== undefined)
      throw new UserMistake(
        `${name} has no unit ${beyond}: its ${width} units are counted from 0, so the last is ${width - 1}.`,
      );
  }
}
