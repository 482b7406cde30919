// Bytes of recent answers. What is computed once for a release is sent again as it is.
import type { Format } from './formats.ts';

export interface Answer {
  readonly release_id: string;
  readonly format: Format;
  readonly bytes: Buffer;
  readonly etag: string;
  readonly next_cursor: string | null;
}

/** Bytes of recent answers, shared by concurrent requests; the least recently used leave first. */
export interface AnswerCache {
  get(name: string, produce: () => Promise<Answer>): Promise<Answer>;
}

export function createAnswerCache(bytesMax: number): AnswerCache {
  const answers = new Map<string, { readonly answer: Promise<Answer>; size: number }>();
  let total = 0;
  const drop = (name: string) => {
    total -= answers.get(name)?.size ?? 0;
    answers.delete(name);
  };
  return {
    get(name, produce) {
      const known = answers.get(name);
      if (known) {
        answers.delete(name);
        answers.set(name, known);
        return known.answer;
      }
      const entry = { answer: produce(), size: 0 };
      answers.set(name, entry);
      entry.answer.then(
        ({ bytes }) => {
          if (answers.get(name) !== entry) return;
          entry.size = bytes.length + name.length;
          total += entry.size;
          for (const oldest of answers.keys()) {
            if (total <= bytesMax) break;
            drop(oldest);
          }
        },
        () => drop(name),
      );
      return entry.answer;
    },
  };
}
