/**
 * A name as a word of a path, of characters that every server and file system leaves alone: a web server would take `%2F` in an address for a
 * slash. What encodeURIComponent would write in percent is written with `~`.
 *
 * @param {string} name
 * @returns {string}
 * @example partWord('a/b~') // 'a~2Fb~7E'
 */
export const partWord = (name) =>
  encodeURIComponent(name)
    .replaceAll('~', '~7E')
    .replaceAll('%', '~')
    .replace(/^\.+$/, (dots) => dots.replaceAll('.', '~2E'));

/**
 * The name that `partWord` made a word of; undefined for what it never writes.
 *
 * @param {string} word
 * @returns {string | undefined}
 */
export function nameOfWord(word) {
  try {
    const name = decodeURIComponent(word.replaceAll('~', '%'));
    return partWord(name) === word ? name : undefined;
  } catch {
    return undefined;
  }
}
