// The releases of a workspace by their manifests, the newest first, and the one that a short id means.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ApiProblem } from './errors.ts';
import { type Manifest, readManifest } from './manifest.ts';
import type { Release } from './release-store.ts';

export interface HistoricRelease {
  readonly manifest: Manifest;
  readonly directory: string;
}

/** The release that is asked and every other that lies beside it. */
export function releaseHistory(release: Release): HistoricRelease[] {
  const releasesDirectory = dirname(release.directory);
  const others = readdirSync(releasesDirectory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^[0-9a-f]+$/.test(entry.name))
    .filter(({ name }) => name !== release.manifest.release_id)
    .map(({ name }) => join(releasesDirectory, name))
    .flatMap((directory) => {
      const manifest = manifestOf(directory);
      return manifest ? [{ manifest, directory }] : [];
    });
  const { manifest, directory } = release;
  return [{ manifest, directory }, ...others].sort(
    (left, right) => Date.parse(right.manifest.created_at) - Date.parse(left.manifest.created_at),
  );
}

/** A directory that is no release, or one of a format that is not known any more, is left out. */
function manifestOf(directory: string): Manifest | undefined {
  try {
    return readManifest(directory);
  } catch {
    return undefined;
  }
}

const NAMED = 12;

/** The release that an id or its beginning means; `current` is the one that is asked. Throws `not_found`. */
export function findRelease(release: Release, history: readonly HistoricRelease[], text: string): HistoricRelease {
  if (text === 'current') return history.find(({ directory }) => directory === release.directory)!;
  const found = history.filter(({ manifest }) => manifest.release_id.startsWith(text));
  if (found.length === 1) return found[0]!;
  const which = found.length === 0 ? `There is no release ${text}` : `${found.length} releases begin with ${text}`;
  const named = (found.length === 0 ? history : found).slice(0, NAMED).map(({ manifest }) => manifest.release_id);
  const rest = history.length > NAMED && found.length === 0 ? ` and ${history.length - NAMED} older ones` : '';
  throw new ApiProblem('not_found', `${which}; known are, newest first: ${named.join(', ')}${rest}`);
}

/** The release that was current before another: the one it names, else the one written before it. Throws `not_found`. */
export function releaseBefore(history: readonly HistoricRelease[], { manifest }: HistoricRelease): HistoricRelease {
  const named = history.find((each) => each.manifest.release_id === manifest.previous_release_id);
  const older = history.find((each) => Date.parse(each.manifest.created_at) < Date.parse(manifest.created_at));
  const before = named ?? older;
  if (!before) throw new ApiProblem('not_found', `Nothing was published before ${manifest.release_id}`);
  return before;
}
