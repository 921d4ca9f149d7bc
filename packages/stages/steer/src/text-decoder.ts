import { meanEmbeddings, type TokenEmbedding } from '@galvani/model';
import { logistic, softmax, standardisation, standardisedPatterns } from '@galvani/statistics';

/** A text whose topic is known. */
export interface KnownText {
  tokens: Int32Array;
  topic: string;
  session: number;
  /** Whether the model wrote it; else a person did, or it is a random string. */
  written: boolean;
}

/** Tells a text's topic from its tokens alone. */
export interface TextDecoder {
  topics: string[];
  /** Probability of each topic, [texts] of [topics]. */
  probabilities(texts: readonly Int32Array[]): Float64Array[];
  /**
   * What the model wrote on tasks' prompts in each session, and how many of these texts a decoder finds the task of that learnt from the other
   * sessions; none of a study of one session.
   */
  heldOut: { session: number; texts: number; right: number }[];
}

/** Inverse strength of the penalty: there are about as many columns as texts. */
const c = 0.01;

/**
 * Multinomial logistic regression over the mean input embedding of a text's tokens, each column standardised, its probabilities as they are
 * where all topics are equally frequent. It sees no activation, and nothing of any network.
 *
 * @param texts the study's prompts, and what the untouched model wrote after them
 * @param rest the topic that is no task
 */
export function textDecoder(texts: readonly KnownText[], embedding: TokenEmbedding, rest: string): TextDecoder {
  const topics = [...new Set(texts.map(({ topic }) => topic))];
  const sessions = [...new Set(texts.map(({ session }) => session))];
  const probabilities = fitted(texts, topics, embedding);
  const heldOut: TextDecoder['heldOut'] = [];
  for (const held of sessions) {
    const learnt = texts.filter(({ session }) => session !== held);
    const asked = texts.filter(({ session, written, topic }) => session === held && written && topic !== rest);
    if (sessions.length < 2 || new Set(learnt.map(({ topic }) => topic)).size < 2) continue;
    const found = fitted(learnt, topics, embedding)(asked.map(({ tokens }) => tokens));
    const right = found.filter((own, t) => topics[own.indexOf(Math.max(...own))] === asked[t].topic).length;
    heldOut.push({ session: held, texts: asked.length, right });
  }
  return { topics, probabilities, heldOut };
}

function fitted(texts: readonly KnownText[], topics: readonly string[], embedding: TokenEmbedding) {
  const values = meanEmbeddings(
    texts.map(({ tokens }) => tokens),
    embedding,
  );
  const scale = standardisation(values, embedding.width);
  const classes = Int32Array.from(texts, ({ topic }) => topics.indexOf(topic));
  const frequency = topics.map((own) => texts.filter(({ topic }) => topic === own).length);
  const score = logistic({ c })({ values: standardisedPatterns(values, scale), classes, count: topics.length });
  return (asked: readonly Int32Array[]): Float64Array[] => {
    const patterns = standardisedPatterns(meanEmbeddings(asked, embedding), scale);
    const all = softmax(score(patterns), topics.length);
    return asked.map((_, t) => {
      const own = Float64Array.from(frequency, (count, k) => all[t * topics.length + k] / count);
      const sum = own.reduce((total, value) => total + value, 0);
      return own.map((value) => value / sum);
    });
  };
}
