// A gzipped file as a temporary plain one, so that all checks see the bytes that were packed. Bounded: a few kilobytes can
// unpack to terabytes.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { SourceError } from '../../core/errors.ts';

/** Text packs 3 to 50 times; beyond this ratio, and this size, a file is taken for a bomb. */
const ratioMax = 200;
const bytesAlwaysFine = 64 << 20;

/** Unpacks `path` into `folder`; throws SourceError when the file is cut, no gzip, or unpacks out of all proportion. */
export async function inflated(
  path: string,
  { origin, folder }: { origin: string; folder: string },
): Promise<{ path: string; dispose: () => Promise<void> }> {
  await mkdir(folder, { recursive: true });
  const target = join(folder, basename(path).replace(/\.gz$/i, ''));
  const dispose = () => rm(target, { force: true });
  const limit = Math.max(bytesAlwaysFine, (await stat(path)).size * ratioMax);
  try {
    await pipeline(createReadStream(path), createGunzip(), bounded(limit, origin), createWriteStream(target));
    return { path: target, dispose };
  } catch (error) {
    await dispose();
    if (error instanceof SourceError) throw error;
    throw new SourceError(`${origin}: cannot be unpacked (${(error as Error).message})`, {
      hint: 'it may have been cut while it was written or copied; export it again',
    });
  }
}

function bounded(limit: number, origin: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(piece: Buffer, _, done) {
      bytes += piece.length;
      if (bytes <= limit) done(null, piece);
      else
        done(
          new SourceError(`${origin}: unpacks to more than ${ratioMax} times its size`, {
            hint: 'this looks like a compression bomb; unpack it yourself if it is not',
          }),
        );
    },
  });
}
