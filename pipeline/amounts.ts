// Are the amounts of the records small enough to be added up?
import type { WarehousePort } from '../attribution/ports.ts';
import { type Addends, refuseTooMuch, SUM_MAX } from '../attribution/sums.ts';

/** A quarter for each stream: what was received, given back, charged and credited stands in one sum at most. */
const limit = SUM_MAX / 4n;

const streams: readonly Addends[] = [
  { what: 'deals', rows: 'select deal_id as id, currency, amount_minor from core.deals' },
  {
    what: 'invoice lines',
    rows: `select line_id as id, currency, abs(cast(amount_minor as hugeint)) + abs(tax_amount_minor) as amount_minor
      from core.invoice_lines`,
  },
  {
    what: 'list prices',
    rows: 'select line_id as id, currency, list_amount_minor as amount_minor from core.invoice_lines',
  },
  { what: 'payments', rows: 'select payment_id as id, currency, amount_minor from core.payments' },
  {
    what: 'payment adjustments',
    rows: 'select adjustment_id as id, currency, amount_minor from core.payment_adjustments',
  },
  { what: 'payouts', rows: 'select payout_id as id, currency, amount_minor from core.payouts' },
];

/** Throws AuditError where they are not, and names the largest. */
export async function refuseLargeAmounts(warehouse: WarehousePort): Promise<void> {
  await refuseTooMuch(
    warehouse,
    streams.map((addends) => ({ ...addends, limit })),
  );
}
