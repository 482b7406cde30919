// What the sandbox servers of billing systems share: amounts in minor units, epoch seconds, and records by what they belong to.
import type { StreamName } from '../../core/streams.ts';
import type { CompanyRow, Store, StoredRecord } from './company.ts';

/**
 * Decimal text in major units as a number of minor units. What is no decimal text stays text, and a fraction of a minor unit
 * stays a fraction: a vendor that went wrong sends just that.
 */
export function minorOf(text: string, decimals: number): number | string {
  const [, sign = '', whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined) return text;
  const digits = fraction.padEnd(decimals, '0');
  const minor = `${sign}${whole}${digits.slice(0, decimals)}`;
  return digits.length > decimals ? Number(`${minor}.${digits.slice(decimals)}`) : Number(minor);
}

/** A date is the start of that day in `timeZone`, as a company keeps it; an instant is itself. Text that is neither stays text. */
export function epochOf(text: string, timeZone: string): number | string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    try {
      return Temporal.PlainDate.from(text).toZonedDateTime(timeZone).epochMilliseconds / 1000;
    } catch {
      return text;
    }
  }
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? text : Math.floor(instant / 1000);
}

/** The number itself, 0 for what a vendor should not have sent. */
export function numberOf(value: number | string | undefined): number {
  return typeof value === 'number' ? value : 0;
}

export function secondsOf(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** Live records of a stream by the value of a column; those without one are left out. `all`: deleted ones too. */
export function recordsBy(
  store: Store,
  stream: StreamName,
  column: string,
  { all = false } = {},
): ReadonlyMap<string, StoredRecord[]> {
  const groups = new Map<string, StoredRecord[]>();
  for (const record of store.records(stream)) {
    const value = record.row[column];
    if (value === undefined || (!all && record.deletedAt !== undefined)) continue;
    const group = groups.get(value);
    if (group) group.push(record);
    else groups.set(value, [record]);
  }
  return groups;
}

/** A dispute: its adjustments in the order in which they happened, the opening first. */
export type DisputeRecords = { readonly id: string; readonly steps: readonly StoredRecord[] };

/** Adjustments of disputes, grouped: an opening begins a dispute, what follows on the same payment belongs to it. */
export function disputesOf(store: Store): DisputeRecords[] {
  const disputes: { id: string; payment: string | undefined; steps: StoredRecord[] }[] = [];
  for (const record of store.records('payment_adjustments')) {
    const { kind, payment_id, adjustment_id } = record.row;
    if (!kind?.startsWith('dispute_') || record.deletedAt !== undefined) continue;
    const open = disputes.findLast(({ payment }) => payment === payment_id);
    if (open && kind !== 'dispute_opened') open.steps.push(record);
    else disputes.push({ id: adjustment_id!, payment: payment_id, steps: [record] });
  }
  return disputes;
}

/** The last step of a kind, if the dispute came that far. */
export function stepOf({ steps }: DisputeRecords, kind: string): CompanyRow | undefined {
  return steps.findLast(({ row }) => row.kind === kind)?.row;
}

/** Computes again only when the store has changed. */
export function derivedFrom<Value>(store: Store, compute: () => Value): () => Value {
  let known: { version: number; value: Value } | undefined;
  return () => {
    if (known?.version !== store.version()) known = { version: store.version(), value: compute() };
    return known.value;
  };
}
