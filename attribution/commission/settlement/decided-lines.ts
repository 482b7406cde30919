// Lines of statements, and which of them somebody approved or disputed: a decision binds the lines that it saw, as far as it counts
// (core/statement-rules.ts).
import type { StatementDecision } from '../../../core/statement.ts';
import { standingOf } from '../../../core/statement-rules.ts';
import type { WarehousePort } from '../../ports.ts';
import { writeTable } from '../../table-writer.ts';
import { signedMinor, statementId } from '../entry-sql.ts';

/** Writes `attribution.approved_line` and `disputed_line`, and the view `ledger.statement_entry` of all lines. */
export async function writeDecidedLines(
  warehouse: WarehousePort,
  decisions: readonly StatementDecision[],
): Promise<void> {
  await writeStandings(warehouse, decisions);
  for (const statement of [statementEntryView, approvedLine, disputedLine]) await warehouse.run(statement);
}

async function writeStandings(warehouse: WarehousePort, decisions: readonly StatementDecision[]): Promise<void> {
  const standings = [...Map.groupBy(decisions, ({ statement_id }) => statement_id)].map(([statement_id, about]) => ({
    statement_id,
    ...standingOf(about),
  }));
  await writeTable(
    warehouse,
    'attribution.statement_approval',
    { statement_id: 'varchar', line_count: 'integer', digest: 'varchar', day: 'integer', person: 'varchar' },
    standings.flatMap(({ statement_id, approvals }) => approvals.map((approval) => ({ statement_id, ...approval }))),
  );
  await writeTable(
    warehouse,
    'attribution.statement_dispute',
    { statement_id: 'varchar', line_id: 'varchar', from_day: 'integer', to_day: 'integer' },
    standings.flatMap(({ statement_id, disputes }) => disputes.map((dispute) => ({ statement_id, ...dispute }))),
  );
}

/** SQL of lines of statements: the earnings of a partner, month and currency in the order in which they were posted. */
const statementEntry = (isWanted = 'true') => `
  select
    ${statementId} as statement_id,
    placed.position,
    ${signedMinor('entry')} as signed_minor,
    coalesce(invoice_id, deal_id) as group_id,
    entry.*
  from ledger.entry as entry
  inner join (
    select sequence, posted_month,
      cast(row_number() over (partition by partner_id, posted_month, currency order by sequence) as integer) as position
    from ledger.entry
    where role is not null and ${isWanted}
  ) as placed on entry.sequence = placed.sequence and entry.posted_month = placed.posted_month`;

const statementEntryView = `create or replace view ledger.statement_entry as ${statementEntry()}`;

/** Lines of the statements that somebody decided about. */
const decidedEntry = statementEntry(`(partner_id, strftime(posted_month, '%Y-%m'), currency) in (
      select named.partner_id, named.month, named.currency
      from (
        select regexp_extract(statement_id, '^statement:(.+):([0-9-]+):([A-Z]+)$', ['partner_id', 'month', 'currency']) as named
        from (
          select statement_id from attribution.statement_approval union select statement_id from attribution.statement_dispute
        )
      )
    )`);

/** SQL of the digest over a statement's lines, in their order. */
export const statementDigest = `sha256(string_agg(line.entry_id || ' ' || line.signed_minor, chr(10) order by line.position))`;

/** Lines that an approval covers: those it saw, as they were then. */
const approvedLine = `
  create or replace table attribution.approved_line as
  with line as (${decidedEntry}
  ), seen as (
    select approval.statement_id, approval.line_count, approval.day, approval.person,
      approval.digest = ${statementDigest} as is_bound
    from attribution.statement_approval as approval
    inner join line on approval.statement_id = line.statement_id and line.position <= approval.line_count
    group by approval.statement_id, approval.line_count, approval.day, approval.person, approval.digest
    having count(*) = approval.line_count
  )
  select line.entry_id, min(seen.day) as day
  from seen
  inner join line on seen.statement_id = line.statement_id and line.position <= seen.line_count
  where seen.is_bound
  group by line.entry_id`;

const disputedLine = `
  create or replace table attribution.disputed_line as
  select line.entry_id, line.cause_id, line.entry_type, line.statement_id, dispute.from_day, dispute.to_day
  from attribution.statement_dispute as dispute
  inner join (${decidedEntry}) as line
    on dispute.statement_id = line.statement_id and coalesce(dispute.line_id, line.entry_id) = line.entry_id`;

/** SQL, to follow `from`: entries after `sequence` that corrected a disputed line, or came into a statement that is in dispute as a whole. */
export const joinsDispute = (sequence: bigint) => `
  ledger.entry as entry
  where sequence > ${sequence} and role is not null and (
    cause_id in (select disputed.cause_id from attribution.disputed_line as disputed)
    or ${statementId} in (select dispute.statement_id from attribution.statement_dispute as dispute where line_id is null)
  )`;
