export { codeDigest, recordingPackages } from './code-digest.js';
