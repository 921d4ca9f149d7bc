import { loadSubject, type Subject } from '../src/index.js';

/** Loads a model on one thread, and releases it whatever happens. */
export async function withSubject<T>(path: string, use: (subject: Subject) => Promise<T>): Promise<T> {
  const subject = await loadSubject(path, { threads: 1 });
  try {
    return await use(subject);
  } finally {
    await subject.release();
  }
}
