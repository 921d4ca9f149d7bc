import type { ActivationColumn, Event, MomentSet, Storage } from '@galvani/artifact';
import { canonicalJson, sha256 } from '@galvani/artifact';
import { codeDigest } from '@galvani/code';
import type { Device, Sampling } from '@galvani/model';
import { onnxruntimeVersion } from '@galvani/onnx';

/** All that decides the bytes of a run's recording. */
export interface RecordingIdentity {
  /** SHA-256 of the model. */
  model: string;
  events: readonly Pick<Event, 'prompt_id' | 'text'>[];
  sites: readonly (ActivationColumn & { layer: string })[];
  mode: 'generate' | 'read';
  /** What is kept of a prompt that is read. */
  tokens?: 'all' | 'mean' | 'last';
  templateTokens?: 'keep' | 'drop';
  /** What stands around each prompt. */
  template?: string;
  system?: string;
  /** Where moments of prompts are kept: which, and of which tokens. */
  keep?: 'prompts';
  moments?: MomentSet;
  afterEnd?: 'keep' | 'drop';
  newTokens: number;
  /** Whether a prompt's tokens end with its text. */
  stopAtEnd?: true;
  sampling: Sampling;
  storage: Storage;
  device: Device;
  /** Prompts at once: it moves the last digits. */
  batch: number;
}

/** SHA-256 over a recording's identity, the code that records, onnxruntime's version and the processor's architecture. */
export async function recordingKey({ events, ...identity }: RecordingIdentity): Promise<string> {
  return sha256(
    canonicalJson({
      ...identity,
      events: events.map(({ prompt_id, text }) => [prompt_id, text]),
      ...(await machinery()),
    }),
  );
}

/** What results depend on besides model and prompts. */
export async function machinery(): Promise<Record<string, string>> {
  return { code: await codeDigest(), onnxruntime: onnxruntimeVersion(), architecture: process.arch };
}
