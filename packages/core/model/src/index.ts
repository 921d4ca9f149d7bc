export type { CapturedStep, Generation, GenerationRequest } from './generation/request.js';
export type { Sampling } from './generation/sampling.js';
export type { Device } from './session/open-session.js';
export type { Site, SiteKind } from './site.js';
export { type SitePatterns, selectSites } from './site-patterns.js';
export { loadSubject, type Subject, type SubjectOptions } from './subject.js';
export { openTokenizer, type Tokenizer } from './tokenizer/tokenizer.js';
