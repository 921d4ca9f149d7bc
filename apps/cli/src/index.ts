/**
 * What `npm install galvani` gives a program: the embedded model and prompts, studies opened for reading, and the command.
 *
 * @module galvani
 */
export { embeddedModel, embeddedPrompts } from '@galvani/frog';
export { openStudy } from './open-study.js';
export { program } from './program.js';
