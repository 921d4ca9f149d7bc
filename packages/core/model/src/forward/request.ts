import { UserMistake } from '@galvani/terminal';
import type { Activations } from '../activations.js';
import type { AllocateOutputs } from '../session/output-buffers.js';
import type { Interventions } from './interventions.js';
import { checkSampling, type Sampling } from './sampling.js';

export interface GenerationRequest {
  /** Token ids of each prompt; lengths may differ. */
  prompts: Int32Array[];
  /** Tokens to generate for every prompt; with `stopAtEnd` at most. */
  newTokens: number;
  sampling: Sampling;
  /**
   * Names each prompt's random stream, so that its tokens do not depend on the batch it is in. Default: its place in
   * `prompts`.
   */
  promptKeys?: (string | number)[];
  /**
   * Tokens that end a prompt's text. What comes after the first of them is left out of the prompt's sums, of a subject that sums.
   * Default: none.
   */
  endTokens?: readonly number[];
  /**
   * Whether a prompt's tokens end with the first of `endTokens`, and the batch with the last of its prompts' texts. Until then `onStep` and
   * sums go on to hold rows of prompts that have ended, which mean nothing. Default: false, all prompts go on.
   */
  stopAtEnd?: boolean;
  /** Whether `onStep` is given the whole distribution of each new token. Default: false. */
  distributions?: boolean;
  /** What is done to sites that the subject was loaded to intervene on; a row for each prompt. */
  interventions?: Interventions;
  /** Called for each generated token with the activations that chose it. The next step runs while a returned promise is pending. */
  onStep?(step: RecordedStep): void | Promise<void>;
  /** Waited for after each step, for the sake of what else this process does: a run of the model holds its thread. */
  pause?(): Promise<void> | undefined;
  /**
   * Makes the memory that activations are handed out in, where galvani built the graph; such as memory that a disk can be
   * written from. Default: arrays of JavaScript's.
   */
  allocate?: AllocateOutputs;
  signal?: AbortSignal;
}

/**
 * The activations at the positions whose logits chose one new token of every prompt; row r is prompt r. They are valid until the
 * promise that `onStep` returned is resolved.
 */
export interface RecordedStep extends Activations {
  /** 0 for the first generated token. */
  position: number;
  /** Number of prompts. */
  rows: number;
  /** The tokens that were chosen [rows]. */
  tokens: Int32Array;
  /** Their log probabilities [rows], in nats, under the model's own distribution, whatever the temperature. */
  logProbabilities: Float32Array;
  /** Entropies of that distribution [rows], in nats. */
  entropies: Float32Array;
  /** Log probabilities of the whole vocabulary [rows x vocabulary], in nats, if they were asked for. Valid until `onStep` returns. */
  distributions?: Float32Array;
}

/** What was generated, a prompt at a time, `newTokens` long or up to the end of its text. Log probabilities and entropies are in nats. */
export interface Generation {
  tokens: Int32Array[];
  logProbabilities: Float32Array[];
  entropies: Float32Array[];
  /** Of a subject that sums. Its memory serves the next generation. */
  sums?: PromptSums;
}

/** Sums over the tokens of each prompt, at the positions that chose them. */
export interface PromptSums {
  /** By site [prompts x width], row-major, added up in float32. */
  sites: ReadonlyMap<string, Float32Array>;
  /** What the first of these tokens gave, by site [prompts x width]: what never changes is known by it, whatever adding up rounds. */
  first: ReadonlyMap<string, Float32Array>;
  /** Tokens of each prompt that were added [prompts]. */
  counts: Int32Array;
}

/** What a person is told who wants to generate from a model that can only be read. */
export const cannotGenerate = (name: string, reason: string) =>
  `${name} does not give the next token's logits, so nothing can be generated from it: ${reason}. A study can read with it: extraction: { mode: read }.`;

/** Refuses prompts that are empty, hold ids outside the vocabulary or leave no room for the new tokens. */
export function checkRequest(request: GenerationRequest, vocabularySize: number, contextLength: number): void {
  const { prompts, newTokens, promptKeys } = request;
  checkSampling(request.sampling);
  if (prompts.length === 0) throw new UserMistake('there are no prompts to generate from.');
  if (!(Number.isInteger(newTokens) && newTokens >= 1))
    throw new UserMistake(`${newTokens} new tokens were asked for, and the number has to be a whole one from 1 on.`);
  if (promptKeys && promptKeys.length !== prompts.length)
    throw new UserMistake(`${promptKeys.length} prompt keys were given for ${prompts.length} prompts.`);
  checkTokens(prompts, vocabularySize);
  prompts.forEach((prompt, i) => {
    const room = contextLength - newTokens;
    if (prompt.length > room)
      throw new UserMistake(
        `${describePrompt(i, promptKeys)} has ${prompt.length} tokens; with ${newTokens} new ones that is more than the model's context of ${contextLength}. ${room > 0 ? `Shorten the prompt to at most ${room} ${room === 1 ? 'token' : 'tokens'} or ask` : 'Ask'} for fewer new ones.`,
      );
  });
}

/** Refuses texts to read that are empty, too long for the context or hold ids outside the vocabulary. */
export function checkReading(texts: readonly Int32Array[], vocabularySize: number, contextLength: number): void {
  if (texts.length === 0) throw new UserMistake('there are no texts to read.');
  checkTokens(texts, vocabularySize);
  texts.forEach((text, i) => {
    if (text.length > contextLength)
      throw new UserMistake(
        `text ${i + 1} has ${text.length} tokens, which is more than the model's context of ${contextLength}.`,
      );
  });
}

/** Refuses empty texts and ids outside the vocabulary. */
export function checkTokens(texts: readonly Int32Array[], vocabularySize: number): void {
  texts.forEach((tokens, i) => {
    if (tokens.length === 0)
      throw new UserMistake(`${describePrompt(i)} has no tokens: the model needs at least one to start from.`);
    const wrong = tokens.find((id) => id < 0 || id >= vocabularySize);
    if (wrong !== undefined)
      throw new UserMistake(
        `${describePrompt(i)} holds the token id ${wrong}, and the model's vocabulary goes from 0 to ${vocabularySize - 1}.`,
      );
  });
}

function describePrompt(index: number, keys?: (string | number)[]): string {
  return keys ? `the prompt ${JSON.stringify(keys[index])}` : `prompt ${index + 1}`;
}
