import { type GuardedStream, isTorn, writeGuarded } from './guarded-stream.js';
import { jsonText } from './json-text.js';
import { gatheredOutput, outputMode } from './output-mode.js';
import { drawStatus, eraseStatus } from './status-line.js';

/**
 * Everything that a person reads is printed here. What is said about the work may be lost: a reader that went away (`| head`)
 * or a full disk behind `> log` never stops a study, whose exit code tells about the study alone. A command's answer may not:
 * `runCommand` reports one that could not be written, unless its reader had enough.
 */
const answers: Promise<Error | undefined>[] = [];

/** Prints a line about the work on standard output; where results are wanted as JSON, on standard error. */
export function say(line: string): void {
  if (!outputMode().json) return void print(process.stdout, `${line}\n`);
  gatheredOutput().sentences.push(line);
  note(line);
}

/** Prints a remark about the work on standard error, unless only results are wanted. */
export function note(line: string): void {
  if (outputMode().level !== 'quiet') print(process.stderr, `${line}\n`);
}

/** Prints on standard error what is told only to who wants to know everything: what is read, versions, times. */
export function detail(line: string): void {
  if (outputMode().level === 'verbose') note(line);
}

/** Prints what the person should know or mend on standard error, as `galvani: …`. */
export function warn(line: string): void {
  if (outputMode().json) gatheredOutput().warnings.push(line);
  print(process.stderr, `galvani: ${line}\n`);
}

/**
 * Prints what a command was asked for on standard output: one line, or several in one text.
 * @param facts the same as fields, which take its place where results are wanted as JSON
 */
export function answer(lines: string, facts: object = {}): void {
  if (outputMode().json) answerFacts(facts);
  else answers.push(print(process.stdout, `${lines}\n`));
}

/** Gives fields of what a command was asked for, where results are wanted as JSON; a person has read them otherwise. */
export function answerFacts(facts: object): void {
  if (outputMode().json) Object.assign(gatheredOutput().facts, facts);
}

/** Prints all that was gathered, with `head` before it, as one JSON object on standard output. */
export function answerJson(head: object): void {
  const { facts, warnings } = gatheredOutput();
  answers.push(print(process.stdout, `${jsonText({ ...head, ...facts, warnings }, 2)}\n`));
}

/** Waits for the answers that were printed. Returns why one of them was lost, if its reader was still there. */
export async function lostAnswer(): Promise<Error | undefined> {
  const lost = await Promise.all(answers.splice(0));
  return lost.find((error) => error && !isTorn(error));
}

/** Prints above the line that says where work is. */
function print(stream: GuardedStream, text: string): Promise<Error | undefined> {
  eraseStatus();
  const written = writeGuarded(stream, text);
  drawStatus();
  return written;
}
