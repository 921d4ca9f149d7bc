/**
 * A mistake of the person who runs galvani: a wrong field, a missing file, an impossible request.
 *
 * The message is a whole sentence that says what was wrong, where (file, line, field), what is allowed and what to do.
 * Commands print it without a stack trace and exit with code 2. Anything else that is thrown is a failure: exit code 1.
 */
export class UserMistake extends Error {
  override readonly name = 'UserMistake';
}

/** A failure that a person can act on (a full disk, a broken connection): printed without a stack trace, exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** Thrown where work stops because the person asked for it (Ctrl-C): exit code 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
