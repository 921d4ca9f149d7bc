export { embeddedFile, embeddedModel, embeddedName, embeddedPrompts } from './embedded.js';
