// `verify`: recomputes the chains of the books and names the first row that was edited, moved, put in, deleted or cut off.
import {
  batchColumns,
  type Chain,
  type ChainEnd,
  canonicalText,
  decisionColumns,
  entryColumns,
  genesis,
  grownText,
  linkText,
  type StoredRow,
  termsColumns,
} from './books-chain.ts';

/** What `verify` found: everything in order, or the first row that is not. */
export type Verification =
  | { readonly is_intact: true; readonly entries: bigint; readonly decisions: bigint; readonly head: ChainEnd }
  | { readonly is_intact: false; readonly fault: ChainFault };

export interface ChainFault {
  readonly table: 'ledger_entry' | 'posting_batch' | 'plan_terms' | 'decision';
  /** Sequence of the entry, terms or decision, number of the batch. */
  readonly row: bigint;
  /** Entry or decision id, `plan@version`, where the row is there. */
  readonly id: string | null;
  /** `altered`: the row does not continue the chain (edited, moved or put in); `missing`: it was deleted or cut off; `inserted`: it lies outside. */
  readonly problem: 'altered' | 'missing' | 'inserted';
}

interface ChainInput {
  readonly table: ChainFault['table'];
  /** A row's canonical text. */
  readonly textOf: (row: StoredRow) => string;
  readonly rows: Iterable<StoredRow>;
  readonly number: string;
  readonly id: string | null;
  readonly start: ChainEnd;
}

/** Walks numbered rows and recomputes each hash; stops at the first row that is missing, put in or altered. */
function walkChain({ table, textOf, rows, number, id, start }: ChainInput): ChainEnd | ChainFault {
  let { sequence, hash } = start;
  for (const row of rows) {
    const found = BigInt(row[number] as bigint);
    const rowId = id === null ? null : String(row[id]);
    if (found <= sequence) return { table, row: found, id: rowId, problem: 'inserted' };
    if (found !== sequence + 1n) return { table, row: sequence + 1n, id: null, problem: 'missing' };
    hash = linkText(hash, textOf(row));
    if (hash !== row.hash) return { table, row: found, id: rowId, problem: 'altered' };
    sequence = found;
  }
  return { sequence, hash };
}

function isFault(result: ChainEnd | ChainFault): result is ChainFault {
  return 'problem' in result;
}

interface BatchedInput {
  readonly batches: Iterable<StoredRow>;
  /** The entries with sequence in [first, last]. */
  readonly entriesBetween: (first: bigint, last: bigint) => Iterable<StoredRow>;
  /** An entry before the first or after `last`, where there is one. */
  readonly entryOutside: (last: bigint) => StoredRow | undefined;
}

/** The ledger's chain: each batch's header is a link, then each of its entries; the batch keeps the last hash. */
function walkLedger({ batches, entriesBetween, entryOutside }: BatchedInput): ChainEnd | ChainFault {
  let end: ChainEnd = { sequence: 0n, hash: genesis };
  let number = 0n;
  for (const batch of batches) {
    const found = BigInt(batch.batch as bigint);
    if (found <= number) return { table: 'posting_batch', row: found, id: null, problem: 'inserted' };
    if (found !== number + 1n) return { table: 'posting_batch', row: number + 1n, id: null, problem: 'missing' };
    number = found;
    const opening = linkText(end.hash, grownText(canonicalText(batchColumns, batch)));
    if (opening !== batch.opening_hash || BigInt(batch.first_sequence as bigint) !== end.sequence + 1n)
      return { table: 'posting_batch', row: number, id: null, problem: 'altered' };
    const last = end.sequence + BigInt(batch.entry_count as bigint);
    const walked = walkChain({
      table: 'ledger_entry',
      textOf: (row) => grownText(canonicalText(entryColumns, row)),
      rows: entriesBetween(end.sequence + 1n, last),
      number: 'sequence',
      id: 'entry_id',
      start: { sequence: end.sequence, hash: opening },
    });
    if (isFault(walked)) return walked;
    if (walked.sequence !== last)
      return { table: 'ledger_entry', row: walked.sequence + 1n, id: null, problem: 'missing' };
    if (walked.hash !== batch.hash) return { table: 'posting_batch', row: number, id: null, problem: 'altered' };
    end = walked;
  }
  const stray = entryOutside(end.sequence);
  if (stray)
    return {
      table: 'ledger_entry',
      row: BigInt(stray.sequence as bigint),
      id: String(stray.entry_id),
      problem: 'inserted',
    };
  return end;
}

/** A chain that ends before a head that was noted elsewhere, or passes it with another hash, was cut or rewritten. */
function againstHead(
  table: ChainFault['table'],
  noted: ChainEnd,
  found: StoredRow | undefined,
): ChainFault | undefined {
  if (noted.sequence === 0n || found?.hash === noted.hash) return undefined;
  return { table, row: noted.sequence, id: null, problem: found ? 'altered' : 'missing' };
}

/** The chain must end where its own head says: a shorter one was cut, a longer one was added to behind the program's back. */
function atHead(table: ChainFault['table'], end: ChainEnd, head: ChainEnd): ChainFault | undefined {
  if (end.sequence < head.sequence) return { table, row: end.sequence + 1n, id: null, problem: 'missing' };
  if (end.sequence > head.sequence) return { table, row: head.sequence + 1n, id: null, problem: 'inserted' };
  return end.hash === head.hash ? undefined : { table, row: end.sequence, id: null, problem: 'altered' };
}

/** Reads rows of the books; the statements are constants of this file. */
export type Select = (sql: string, ...parameters: bigint[]) => Iterable<StoredRow>;

/** Recomputes the chains; `noted` are ledger heads that were written down outside the books. */
export function verifyBooks(select: Select, noted: readonly ChainEnd[]): Verification {
  const start = { sequence: 0n, hash: genesis };
  const ledger = walkLedger({
    batches: select('select * from posting_batch order by batch'),
    entriesBetween: (from, to) =>
      select('select * from ledger_entry where sequence between ? and ? order by sequence', from, to),
    entryOutside: (last) =>
      first(select('select * from ledger_entry where sequence < 1 or sequence > ? order by sequence limit 1', last)),
  });
  if (isFault(ledger)) return { is_intact: false, fault: ledger };
  const terms = walkChain({
    table: 'plan_terms',
    textOf: (row) => canonicalText(termsColumns, row),
    rows: select(`select *, plan || '@' || plan_version as subject from plan_terms order by sequence`),
    number: 'sequence',
    id: 'subject',
    start,
  });
  if (isFault(terms)) return { is_intact: false, fault: terms };
  const decisions = walkChain({
    table: 'decision',
    textOf: (row) => canonicalText(decisionColumns, row),
    rows: select('select * from decision order by sequence'),
    number: 'sequence',
    id: 'decision_id',
    start,
  });
  if (isFault(decisions)) return { is_intact: false, fault: decisions };
  const fault =
    atHead('ledger_entry', ledger, headOf(select, 'ledger')) ??
    noted
      .map((head) =>
        againstHead(
          'ledger_entry',
          head,
          first(select('select * from ledger_entry where sequence = ?', head.sequence)),
        ),
      )
      .find((found) => found !== undefined) ??
    atHead('plan_terms', terms, headOf(select, 'terms')) ??
    againstBatches(select, 'plan_terms', terms) ??
    atHead('decision', decisions, headOf(select, 'decision')) ??
    againstBatches(select, 'decision', decisions);
  if (fault) return { is_intact: false, fault };
  return { is_intact: true, entries: ledger.sequence, decisions: decisions.sequence, head: ledger };
}

/** The first end that a posting saw of a chain and that is no longer there; terms come with a posting only. */
function againstBatches(select: Select, table: 'plan_terms' | 'decision', end: ChainEnd): ChainFault | undefined {
  const prefix = table === 'plan_terms' ? 'terms' : 'decision';
  const seen = `select ${prefix}_sequence as sequence, ${prefix}_hash as hash from posting_batch where ${prefix}_sequence`;
  const lost = first(
    select(
      `${seen} > 0 and ${prefix}_hash is not (select hash from ${table} where sequence = ${prefix}_sequence) order by batch limit 1`,
    ),
  );
  if (lost) {
    const row = lost.sequence as bigint;
    return row > end.sequence
      ? { table, row: end.sequence + 1n, id: null, problem: 'missing' }
      : { table, row, id: null, problem: 'altered' };
  }
  const last = table === 'plan_terms' && first(select(`${seen} is not null order by batch desc limit 1`));
  return last ? atHead(table, end, { sequence: last.sequence as bigint, hash: last.hash }) : undefined;
}

function headOf(select: Select, chain: Chain): ChainEnd {
  const row = first(select(`select * from chain_head where chain = '${chain}'`));
  return row ? { sequence: BigInt(row.sequence as bigint), hash: row.hash } : { sequence: 0n, hash: genesis };
}

function first<Row>(rows: Iterable<Row>): Row | undefined {
  for (const row of rows) return row;
  return undefined;
}
