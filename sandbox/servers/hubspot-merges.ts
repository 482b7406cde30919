// Who lives on when HubSpot merges records, through chains of merges.
import type { StoredRecord } from './company.ts';

/** A merged id → the id that it lives on under, and when it was merged. */
export type Survivors = Map<string, { readonly into: string; readonly at: number }>;

/** Through chains; with new ids the old id of the survivor is a merged one as well. */
export function survivorsOf(
  records: readonly StoredRecord[],
  options: { readonly merges_make_new_id: boolean },
): Survivors {
  const merged = new Map<string, { readonly into: string; readonly at: number }>();
  for (const { key, row, updatedAt } of records)
    if (row.merged_into) merged.set(key, { into: row.merged_into, at: updatedAt });
  const known = new Set(records.map(({ key }) => key));
  const survivors: Survivors = new Map();
  for (const [start, { at }] of merged) {
    let end = start;
    for (let step = 0; merged.has(end) && step < 20; step++) end = merged.get(end)!.into;
    if (merged.has(end) || !known.has(end)) continue;
    const into = options.merges_make_new_id ? `8${end}` : end;
    survivors.set(start, { into, at });
    if (options.merges_make_new_id) survivors.set(end, { into, at: Math.max(at, survivors.get(end)?.at ?? 0) });
  }
  return survivors;
}
