// What a release was made of besides its data: digests of the configuration and of this code.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import { root, type Workspace } from './workspace.ts';

export type Digests = { readonly code: string; readonly config: string };

const codeFolders = ['core', 'ingest', 'attribution', 'models', 'pipeline', 'api', 'dashboards'];

/** The digests of a workspace's sourced.yaml (as written: a secret stays `${NAME}`) and of the code. */
export function readDigests(workspace: Workspace): Digests {
  return { code: codeDigest(), config: sha256(canonicalJson(parse(readFileSync(workspace.config_file, 'utf8')))) };
}

/** One digest of all source files of some folders, by path. */
export function codeDigest(folders: readonly string[] = codeFolders): string {
  const files = folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(ts|js|sql|yml|py|csv|md|css|html)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/node_modules|__pycache__|\.cache|[/\\]target[/\\]|[/\\]logs[/\\]/.test(file))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** JSON with sorted keys, so that the order of keys in a file means nothing. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value && typeof value === 'object') {
    const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** SHA-256 in hex. */
export function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}
