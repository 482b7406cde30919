// The integer tables of the commission step, column by column. `named-tables.ts` puts ids and names to them.
import type { Shape, Writers } from '../table-writer.ts';
import { lockChanges } from './earners/earners.ts';
import { zeroReasons } from './plans/plan.ts';

/** Codes: the position in each list. */
export const entryTypeCodes = ['accrual', 'clawback', 'true_up'] as const;
export const roleCodes = ['sourced', 'influenced'] as const;
export const zeroReasonCodes = Object.keys(zeroReasons) as (keyof typeof zeroReasons)[];
export const lockChangeCodes = lockChanges;

/** Nothing is null: −1 stands for none. */
export const commissionTables = {
  /** Who earns on a deal, and on which of those that live on in it. `pool_size` −1: the sourcing partner. */
  commission_earning: {
    earning_index: 'integer',
    deal_index: 'integer',
    origin: 'integer',
    party_index: 'integer',
    role: 'integer',
    pool_size: 'integer',
    version_index: 'integer',
    basis: 'integer',
  },
  /** Who does not, and why. */
  commission_zero: { deal_index: 'integer', party_index: 'integer', role: 'integer', reason: 'integer' },
  /** Evidence that contradicts what the first posted entry locked. */
  commission_lock_change: {
    deal_index: 'integer',
    locked_party: 'integer',
    evidence_party: 'integer',
    detail: 'integer',
  },
  /** One change of a target by one event, on one line and component: of what may have changed since the last run. */
  commission_change: {
    earning_index: 'integer',
    version_index: 'integer',
    component_index: 'integer',
    line_index: 'integer',
    event_index: 'integer',
    event_kind: 'integer',
    entry_type: 'integer',
    effective_day: 'integer',
    amount_minor: 'bigint',
    /** What the event moved on the line, of its currency; 0 where it moved others. */
    event_amount_minor: 'bigint',
    event_currency: 'integer',
    /** The same converted into the plan's currency; 0 where nothing was converted. */
    event_base_minor: 'bigint',
  },
  /** A receipt of a partner that changed which accrues nothing until a rate comes (fine-print 18). */
  commission_rate_gap: {
    earning_index: 'integer',
    event_index: 'integer',
    line_index: 'integer',
    rate_day: 'integer',
    amount_minor: 'bigint',
  },
  /** What open invoices of partners that changed would bring if they were paid at the business clock; never in the ledger. */
  commission_expected: { earning_index: 'integer', invoice_index: 'integer', amount_minor: 'bigint' },
} as const satisfies Record<string, Shape>;

export type CommissionWriters = Writers<typeof commissionTables>;
