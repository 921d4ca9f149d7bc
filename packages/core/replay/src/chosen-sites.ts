import { describeSubject, type Site } from '@galvani/model';
import { didYouMean, UserMistake } from '@galvani/terminal';

/**
 * Sites of a model by name, in the model's order. Those that a study recorded are known without a look at the model; others may be
 * asked for all the same.
 *
 * @param recorded the sites of the recording
 * @throws UserMistake for a name that the model does not have
 */
export async function chosenSites(names: readonly string[], recorded: readonly Site[], model: string): Promise<Site[]> {
  const unknown = names.some((name) => !recorded.some((site) => site.name === name));
  const sites = unknown ? (await describeSubject(model)).sites : recorded;
  for (const name of names)
    if (!sites.some((site) => site.name === name))
      throw new UserMistake(
        `the model has no site '${name}'.${didYouMean(
          name,
          sites.map((site) => site.name),
        )} galvani sites ${model} lists its ${sites.length} sites.`,
      );
  return sites.filter(({ name }) => names.includes(name));
}

/** A pattern that matches one name alone, whatever characters it has. */
export const patternOf = (name: string) => name.replace(/[*?[{]/g, (character) => `[${character}]`);

/** @throws UserMistake for a unit that a site does not have */
export function requireUnits(units: readonly number[], sites: readonly Site[]): void {
  for (const { name, width } of sites) {
    const beyond = units.find((unit) => unit >= width);
    if (beyond !== undefined)
      throw new UserMistake(
        `${name} has no unit ${beyond}: its ${width} units are counted from 0, so the last is ${width - 1}.`,
      );
  }
}
