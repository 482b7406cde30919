// The tables of books.sqlite, as numbered migrations. Entries, batches, terms and decisions are append-only by trigger.
import type { PostedTerms } from '../attribution/commission/books-port.ts';
import type { Connection } from './books-chain.ts';
import { addTerms } from './books-terms.ts';

const appendOnly = (table: string): string => `
create trigger ${table}_is_never_changed before update on ${table}
begin select raise(abort, '${table} is append-only: a correction is a new row'); end;
create trigger ${table}_is_never_deleted before delete on ${table}
begin select raise(abort, '${table} is append-only: a correction is a new row'); end;`;

/** Entries as they were until schema 5 gave them more columns. */
const entryTable = (table: string, unique = ''): string => `
create table ${table} (
  sequence integer primary key,
  batch integer not null references posting_batch (batch) deferrable initially deferred,
  entry_id text not null ${unique},
  entry_type text not null,
  debit_account text not null,
  credit_account text not null check (credit_account <> debit_account),
  partner_id text not null,
  amount_minor integer not null check (amount_minor > 0),
  currency text not null,
  reporting_amount_minor integer,
  reporting_currency text not null,
  effective_date text not null,
  posted_month text not null,
  origin_month text not null,
  plan text,
  plan_version text,
  component text,
  role text,
  pool_size integer,
  deal_id text,
  invoice_id text,
  invoice_line_id text,
  event_kind text not null,
  event_id text not null,
  cause_id text not null,
  cause_sequence integer not null,
  held_until text,
  evidence_ids text not null,
  hash text not null
) strict;`;

interface Database extends Connection {
  exec(sql: string): void;
}

/** Terms get a chain, and batches say where it and that of the decisions ended. */
function chainTerms(database: Database): void {
  const former = database.prepare('select * from plan_terms order by first_batch, plan, plan_version').all();
  database.exec(`
drop table plan_terms;
create table plan_terms (
  sequence integer primary key,
  plan text not null,
  plan_version text not null,
  first_batch integer not null,
  terms text not null,
  hash text not null,
  unique (plan, plan_version, first_batch)
) strict;
${appendOnly('plan_terms')}
alter table posting_batch add column terms_sequence integer;
alter table posting_batch add column terms_hash text;
alter table posting_batch add column decision_sequence integer;
alter table posting_batch add column decision_hash text;
`);
  for (const terms of former) addTerms(database, terms as PostedTerms);
}

/** Migration n brings a file of version n to version n + 1; never edit one that was released. */
const migrations: readonly (string | ((database: Database) => void))[] = [
  `
create table posting_batch (
  batch integer primary key,
  posted_at text not null,
  as_of text not null,
  first_sequence integer not null,
  entry_count integer not null check (entry_count > 0),
  opening_hash text not null,
  hash text not null
) strict;

${entryTable('ledger_entry', 'unique')}
${appendOnly('posting_batch')}
${appendOnly('ledger_entry')}

create table plan_terms (
  plan text not null,
  plan_version text not null,
  terms text not null,
  primary key (plan, plan_version)
) strict;
${appendOnly('plan_terms')}

create table decision (
  sequence integer primary key,
  decision_id text not null unique,
  decided_at text not null,
  person text not null,
  role text not null,
  kind text not null,
  subject_kind text not null,
  subject_id text not null,
  reason text not null,
  detail text not null,
  idempotency_key text,
  hash text not null,
  unique (person, idempotency_key)
) strict;
create index decision_by_subject on decision (subject_kind, subject_id, sequence);
${appendOnly('decision')}

-- Where each chain ends, kept apart from the chain so that a cut tail shows.
create table chain_head (
  chain text primary key,
  sequence integer not null,
  hash text not null
) strict;

create table access_key (
  key_id text primary key,
  secret_hash text not null unique,
  person text not null,
  role text not null check (role in ('leadership', 'revops', 'finance', 'partner')),
  partner_id text check ((partner_id is not null) = (role = 'partner')),
  created_at text not null,
  revoked_at text
) strict;
`,
  `
${entryTable('ledger_entry_anew')}
insert into ledger_entry_anew select * from ledger_entry;
drop table ledger_entry;
alter table ledger_entry_anew rename to ledger_entry;
create unique index ledger_entry_by_id on ledger_entry (entry_id);
${appendOnly('ledger_entry')}
`,
  `
create table plan_terms_anew (
  plan text not null,
  plan_version text not null,
  first_batch integer not null,
  terms text not null,
  primary key (plan, plan_version, first_batch)
) strict;
insert into plan_terms_anew select plan, plan_version, 0, terms from plan_terms;
drop table plan_terms;
alter table plan_terms_anew rename to plan_terms;
${appendOnly('plan_terms')}
`,
  // Entries are worked out against the ledger's head and refused on another one, so that none can come twice.
  'drop index ledger_entry_by_id',
  `
alter table ledger_entry add column event_amount_minor integer;
alter table ledger_entry add column plan_month integer;
alter table ledger_entry add column event_currency text;
`,
  chainTerms,
  'alter table ledger_entry add column event_base_minor integer',
];

/** The version of books that this program writes. */
export const schemaVersion = migrations.length;

/** Brings a file of version `from` to version `to`. */
export function bringUp(database: Database, from: number, to = schemaVersion): void {
  for (const migration of migrations.slice(from, to))
    if (typeof migration === 'string') database.exec(migration);
    else migration(database);
  if (from < to) database.exec(`pragma user_version = ${to}`);
}
