// The configuration that a source runs with: sourced.yaml's, or what the source made of it since (a rotated refresh token).
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

export type SourceConfig = Readonly<Record<string, unknown>>;

/** Where the source's own version of its configuration is kept; only the owner may read it. */
function keptFile(state: string, source: string): string {
  return join(state, 'airbyte', `${source}.json`);
}

/** The latest configuration. What a source changed counts until sourced.yaml (or a variable in it) says something else. */
export function currentConfig(state: string, source: string, given: SourceConfig): SourceConfig {
  const file = keptFile(state, source);
  if (!existsSync(file)) return given;
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { given: string; config: SourceConfig };
  return kept.given === digestOf(given) ? kept.config : given;
}

/** Keeps what the source changed, on disk for good before it goes on: the token before it may be worthless by now. */
export function keepConfig(state: string, source: string, given: SourceConfig, config: SourceConfig): void {
  const file = keptFile(state, source);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeSecret(`${file}.new`, { given: digestOf(given), config });
  renameSync(`${file}.new`, file);
}

function digestOf(config: SourceConfig): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex');
}

/** Files that one command of a source reads (config, catalog, state), in a folder that only the owner may open. */
export class CommandFiles {
  readonly folder: string;

  constructor(state: string) {
    const parent = join(state, 'tmp');
    mkdirSync(parent, { recursive: true });
    this.folder = mkdtempSync(join(parent, 'airbyte-'));
  }

  /** Gives the path of the new file. */
  write(name: string, content: unknown): string {
    const path = join(this.folder, name);
    writeSecret(path, content);
    return path;
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function writeSecret(path: string, content: unknown): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, JSON.stringify(content));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
