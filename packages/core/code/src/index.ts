export { codeDigest, packageDigest, recordingPackages } from './code-digest.js';
