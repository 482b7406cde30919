// Whether a sweep that a saved state names can be gone on with: the keys that it found so far are noted in the log.
import type { IngestWarehouse } from './connector.ts';

/** False for a sweep that was completed or forgotten: going on with it would take what it found for lost. */
export async function isUnderWay(warehouse: IngestWarehouse, source: string, id: string): Promise<boolean> {
  const rows = await warehouse.rows('SELECT 1 FROM raw.sweep_key WHERE source = ? AND sweep_id = ? LIMIT 1', [
    source,
    id,
  ]);
  return rows.length > 0;
}
