// One pass over a file's bytes: its digest, and the few facts that spare DuckDB a search in every value.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export type Fingerprint = {
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  readonly bytes: number;
  /** A byte 0 is in it (text formats only care). */
  readonly has_zero_byte: boolean;
  /** The six characters `\u0000`, which is how JSON spells U+0000. */
  readonly has_escaped_nul: boolean;
  readonly ends_with_newline: boolean;
  readonly first_bytes: Buffer;
};

const escapedNul = Buffer.from('\\u0000');

/** Reads the whole file once, in pieces of 1 MB. */
export async function fingerprint(path: string): Promise<Fingerprint> {
  const hash = createHash('sha256');
  let bytes = 0;
  let has_zero_byte = false;
  let has_escaped_nul = false;
  let tail = Buffer.alloc(0);
  let first_bytes = Buffer.alloc(0);
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(piece);
    if (bytes === 0) first_bytes = Buffer.from(piece.subarray(0, 64));
    bytes += piece.length;
    has_zero_byte ||= piece.includes(0);
    has_escaped_nul ||= piece.includes(escapedNul) || Buffer.concat([tail, piece.subarray(0, 5)]).includes(escapedNul);
    tail = Buffer.from(piece.subarray(-5));
  }
  const last = tail.at(-1);
  return {
    digest: hash.digest('hex'),
    bytes,
    has_zero_byte,
    has_escaped_nul,
    ends_with_newline: last === 10 || last === 13,
    first_bytes,
  };
}
