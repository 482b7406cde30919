// A load's manifest: a small JSON file beside the warehouse, on disk for good before the next load begins.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { IngestWarehouse, IngestWorkspace } from './connector.ts';

/** Writes the manifests that are missing: those of this run's loads, and of a run that was killed before it could. */
export async function writeMissingManifests(warehouse: IngestWarehouse, { loads }: IngestWorkspace): Promise<void> {
  mkdirSync(loads, { recursive: true });
  const rows = await warehouse.rows<Record<string, unknown> & { load_id: string; mapping: string }>(
    `SELECT * REPLACE (mapping::VARCHAR AS mapping) FROM raw.load WHERE NOT is_unchanged ORDER BY load_id`,
  );
  const missing = rows.filter(({ load_id }) => !existsSync(join(loads, `${load_id}.json`)));
  for (const { is_unchanged: _, ...row } of missing)
    writeDurably(join(loads, `${row.load_id}.json`), { ...row, mapping: JSON.parse(row.mapping) });
  if (missing.length) syncDirectory(loads);
}

/** Complete under its final name, or not there at all. */
function writeDurably(path: string, content: object): void {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w');
  try {
    writeSync(
      file,
      `${JSON.stringify(content, (_, value) => (typeof value === 'bigint' ? Number(value) : value), 2)}\n`,
    );
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

function syncDirectory(path: string): void {
  if (process.platform === 'win32') return; // Windows cannot open a directory; a rename is durable there
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
