/** Words that are in prompts on anything. */
const functionWords = new Set(
  'a about after all also an and are as at be because been before being between both but by called can could did do does during each few for found from had has have he her his how if in include includes into is it its kept known many may me might more most must no not of often on one or other our out over own refer refers same shall she should so some such term than that the their them then there these they this those three through to two under until up used usually was we were what when where which while who whom whose why will with word would you your'.split(
    ' ',
  ),
);

/**
 * What a text is about: its words of three letters or more that are not function words, each by its first five letters, so that
 * `fossil` and `fossils` are one.
 */
export function contentWords(text: string): Set<string> {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return new Set(words.filter((word) => word.length > 2 && !functionWords.has(word)).map((word) => word.slice(0, 5)));
}
