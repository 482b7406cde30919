// A file of books as the program wrote it at an earlier schema: two postings with the terms of a plan each, and a decision.
import { DatabaseSync } from 'node:sqlite';
import { bringUp } from '../../pipeline/books-schema.ts';

// The links were computed by the program of schema 5.
const opened = [
  '5d3100087fff27c55a992e5b045c06435b363351d36cb14f5b07ace5a3ee3abb',
  '41820913c5e0ffac151f91088a8a4f2f136f59244b3e5155c4213776368de18e',
];
const links = [
  '99b223bfe3188e2bc5fc9574d80997f371bc550bccdcd9efb2de5e336b158bf8',
  '17305ac502d193bddbb2cd8a5dfbed6c6fa6a1bc5dbc1c0500523ed80ea73514',
  'd648c68e8dc27eebf909289573a275d05937760d9bc0ea9114152092f7f21177',
];
const decided = '6201ac24f1d3192c6bdd6feb158c672e36505bf7b2982986fc06a1c5ead29e2c';

const entry = (number: number, batch: number) => `
insert into ledger_entry (
  sequence, batch, entry_id, entry_type, debit_account, credit_account, partner_id, amount_minor, currency,
  reporting_amount_minor, reporting_currency, effective_date, posted_month, origin_month, plan, plan_version, component, role,
  deal_id, invoice_id, invoice_line_id, event_kind, event_id, cause_id, cause_sequence, evidence_ids, hash
) values (
  ${number}, ${batch}, 'entry-${number}', 'accrual', 'commission_expense', 'accrued', 'crm:P-1', ${number * 100}, 'USD',
  ${number * 100}, 'USD', '2026-03-04', '2026-03', '2026-03', 'referral', '2026-01-01', '1:percent', 'sourced',
  'crm:D-1', 'billing:I-1', 'billing:IL-1', 'payment', 'billing:PY-${number}', 'cause-${number}', 1,
  '["billing:PY-1","crm:R-1"]', '${links[number - 1]}'
);`;

/** Terms of a version stand from a posting on since schema 3. */
const terms = (schema: number) =>
  schema < 3
    ? `insert into plan_terms values ('referral', '2026-01-01', '{}'), ('reseller', '2026-02-01', '{"rate":"0.15"}')`
    : `insert into plan_terms values ('referral', '2026-01-01', 1, '{}'), ('reseller', '2026-02-01', 2, '{"rate":"0.15"}')`;

export function writeBooksOfBefore(path: string, schema: number): void {
  const database = new DatabaseSync(path);
  bringUp(database, 0, schema);
  database.exec(`
begin;
${entry(1, 1)}${entry(2, 1)}${entry(3, 2)}
insert into posting_batch values
  (1, '2026-04-01T00:00:00.000000Z', '2026-04-01T00:00:00Z', 1, 2, '${opened[0]}', '${links[1]}'),
  (2, '2026-04-01T00:00:00.000000Z', '2026-04-02T00:00:00Z', 3, 1, '${opened[1]}', '${links[2]}');
${terms(schema)};
insert into decision values (
  1, 'decision-5250341fb9fb60005e2e', '2026-04-01T00:00:00.000000Z', 'Dana', 'finance', 'statement_approve', 'statement',
  'statement:crm:P-1:2026-03:USD', 'checked against billing', '{}', null, '${decided}'
);
insert into chain_head values ('ledger', 3, '${links[2]}'), ('decision', 1, '${decided}');
commit;`);
  database.close();
}
