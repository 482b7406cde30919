// The differences as double entries. They are written to `ledger.entry` where they will stand once they are posted, and read from
// there as the texts that the books hash. Until `ledger.copied` says otherwise they are drafts, which the next run throws away.
import type { WarehousePort } from '../../ports.ts';
import { draftColumns, type EntryText, type LedgerHead } from '../books-port.ts';
import { digestId, rank } from '../entry-sql.ts';

export interface Drafts {
  /** Of `ledger_difference`. */
  readonly count: number;
  readonly reporting_currency: string;
  /** The books' end before them, and their batch. */
  readonly before: LedgerHead;
  readonly batch: bigint;
}

/** A row group of the warehouse, so that a chunk is written and read without touching another. */
const CHUNK_ROWS = 122_880;
/** Handed over at a time: between two parts the warehouse is asked on. */
const PART_ROWS = 512;

/** Writes and hands over the drafts chunk by chunk; the warehouse writes the next one while the last one is posted. */
export async function* writeDrafts(warehouse: WarehousePort, drafts: Drafts): AsyncGenerator<readonly EntryText[]> {
  let next = drafts.count > 0 ? writeChunk(warehouse, drafts, 0) : undefined;
  try {
    for (let from = CHUNK_ROWS; next; from += CHUNK_ROWS) {
      const texts: readonly EntryText[] = await next;
      next = from < drafts.count ? writeChunk(warehouse, drafts, from) : undefined;
      for (let at = 0; at < texts.length; at += PART_ROWS) yield texts.slice(at, at + PART_ROWS);
    }
  } finally {
    // Where posting stops, nobody reads these; but nothing may be written any more once it has.
    await next?.catch(() => undefined);
  }
}

/** Takes out what was written but not posted. */
export async function dropDrafts(warehouse: WarehousePort, { before }: Pick<Drafts, 'before'>): Promise<void> {
  await warehouse.run(`delete from ledger.entry where sequence > ${before.sequence}`);
}

async function writeChunk(warehouse: WarehousePort, drafts: Drafts, from: number): Promise<readonly EntryText[]> {
  const to = Math.min(from + CHUNK_ROWS, drafts.count) - 1;
  const [places] = await warehouse.rows<{ first: bigint; last: bigint }>(`
    select coalesce(min(target_number), 0) as first, coalesce(max(target_number), 0) as last
    from ledger_difference
    where rowid between ${from} and ${to} and target_number > 0`);
  await warehouse.run(insertChunk(drafts, { from, to, ...places! }));
  return readTexts(warehouse, drafts.before.sequence, { from, to });
}

/** Accounts as they fall where the difference is positive: they change sides where it is not. */
const sides = (debit: string, credit: string) => `
  case when difference.amount_minor > 0 then ${debit} else ${credit} end as debit_account,
  case when difference.amount_minor > 0 then ${credit} else ${debit} end as credit_account`;

/** The records that an earning rests on; an id that stands twice counts once. */
const evidence = `cast(to_json(list_sort(list_filter([target.event_id, nullif(target.invoice_id, target.event_id),
  nullif(nullif(target.deal_id, target.event_id), target.invoice_id), target.sourcing_evidence_id, target.override_id],
  lambda id: id is not null))) as varchar)`;

const isForward = `${rank('entry.debit_account')} < ${rank('entry.credit_account')}`;

/** An earning by its target, a transfer by the settlement, and what lost its target by its last entry. */
const described = (first: bigint, last: bigint) => `
  select difference.position, target.entry_type, ${sides('target.debit_account', `'accrued'`)}, target.cause_id, target.partner_id,
    target.plan, target.plan_version, target.component, target.role, cast(target.pool_size as integer) as pool_size,
    target.deal_id, target.invoice_id, target.invoice_line_id, target.event_kind, target.event_id, target.held_until,
    ${evidence} as evidence_ids, target.event_amount_minor, target.plan_month, target.event_currency,
    target.event_base_minor
  from difference
  inner join (select * from target_row where place between ${first} and ${last}) as target
    on difference.target_number = target.place
  union all by name
  select difference.position, transfer.kind as entry_type, ${sides('transfer.from_account', 'transfer.to_account')},
    transfer.cause_id, transfer.partner_id, transfer.kind as event_kind, transfer.id as event_id,
    cast(to_json([transfer.id]) as varchar) as evidence_ids
  from difference
  inner join transfer_row as transfer on difference.target_number = transfer.target_number
  union all by name
  select difference.position, entry.entry_type,
    ${sides(`if(${isForward}, entry.debit_account, entry.credit_account)`, `if(${isForward}, entry.credit_account, entry.debit_account)`)},
    entry.cause_id, entry.partner_id, entry.plan, entry.plan_version, entry.component, entry.role, entry.pool_size, entry.deal_id,
    entry.invoice_id, entry.invoice_line_id, entry.event_kind, entry.event_id, entry.held_until, entry.evidence_ids,
    entry.event_amount_minor, entry.plan_month, entry.event_currency, entry.event_base_minor
  from difference
  inner join ledger.entry as entry on difference.last_sequence = entry.sequence`;

interface Chunk {
  readonly from: number;
  readonly to: number;
  /** The places of its earnings. */
  readonly first: bigint;
  readonly last: bigint;
}

const insertChunk = ({ before, batch, reporting_currency }: Drafts, { from, to, first, last }: Chunk) => `
  insert into ledger.entry by name
  with difference as (
    select rowid as position, * from ledger_difference where rowid between ${from} and ${to}
  ), described as (${described(first, last)}
  )
  select ${before.sequence + 1n} + difference.position as sequence, ${batch} as batch,
    ${digestId('entry', ['described.cause_id', 'cast(difference.cause_sequence as varchar)'])} as entry_id,
    described.* exclude (position), difference.cause_sequence, difference.currency, difference.effective_date,
    abs(difference.amount_minor) as amount_minor,
    case when difference.currency = '${reporting_currency}' then abs(difference.amount_minor) else twin.reporting_amount_minor end
      as reporting_amount_minor,
    '${reporting_currency}' as reporting_currency,
    date_trunc('month', difference.effective_date) as posted_month,
    date_trunc('month', difference.effective_date) as origin_month
  from difference
  inner join described on difference.position = described.position
  left join attribution.ledger_twin as twin on difference.position = twin.position
  order by difference.position`;

/** How a column is written where its text is not its value's own. */
const textOf: Readonly<Record<string, string>> = {
  posted_month: `strftime(posted_month, '%Y-%m')`,
  origin_month: `strftime(origin_month, '%Y-%m')`,
};

async function readTexts(
  warehouse: WarehousePort,
  before: bigint,
  { from, to }: Pick<Chunk, 'from' | 'to'>,
): Promise<readonly EntryText[]> {
  const values = draftColumns.map((column) => `cast(${textOf[column] ?? column} as varchar)`).join(', ');
  const rows = await warehouse.rows<{ text: EntryText }>(`
    select cast(to_json([${values}]) as varchar) as text
    from ledger.entry
    where sequence between ${before + 1n + BigInt(from)} and ${before + 1n + BigInt(to)} order by sequence`);
  return rows.map(({ text }) => (text.includes('\\u') ? JSON.stringify(JSON.parse(text)) : text));
}
