/** A command that a page shows. */
export interface DocCommand {
  /** `docs/for-ci.md:12` */
  where: string;
  /** Its words behind `galvani`. */
  words: string[];
}

/**
 * Every command of galvani on a page: lines of its indented blocks, and code in its sentences and tables. Comments and what a shell does with
 * the output are left out.
 */
export function docCommands(path: string, text: string): DocCommand[] {
  return text.split('\n').flatMap((line, i) => {
    const block = /^ {4}(?:npx )?galvani (.*)$/.exec(line);
    const found = block ? [block[1]] : [...line.matchAll(/`(?:npx )?galvani ([a-z][^`]*)`/g)].map((match) => match[1]);
    return found.map((command) => ({ where: `${path}:${i + 1}`, words: shellWords(command) }));
  });
}

/** Words of a shell, up to a comment, a pipe or a file for the output. */
function shellWords(command: string): string[] {
  const words: string[] = [];
  for (const [word] of command.matchAll(/"[^"]*"|'[^']*'|\S+/g)) {
    if (/^[#|>&]/.test(word)) break;
    words.push(word.replace(/^(["'])(.*)\1$/, '$2'));
  }
  return words;
}

/** What stands for something of one's own on the pages, by the option before it where that says more. */
export interface Placeholders {
  words: Readonly<Record<string, string>>;
  /** For `FILE` behind an option. */
  files: Readonly<Record<string, string>>;
}

/** A command's words with what they stand for; `fresh` is the name of a folder that is not there. */
export const filledWords = (words: readonly string[], { words: own, files }: Placeholders, fresh: string): string[] =>
  words.map((word, i) => {
    if (word === 'FOLDER') return fresh;
    if (word.startsWith('FILE')) return files[words[i - 1]] ?? word;
    // The folder that a page begins with `init` is the study that the rest of it is about.
    return word === 'my-study' && words[0] === 'init' ? word : (own[word] ?? word);
  });
