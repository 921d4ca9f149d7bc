export { embeddedModel, embeddedPrompts } from '@galvani/frog';
export { openStudy } from './open-study.js';
export { program } from './program.js';
