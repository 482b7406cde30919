// Types of the API answers that pages read, taken from the API's own schemas.
import type { z } from 'zod';
import type {
  AgingAnswer,
  Aging as AgingRowSchema,
  Entry,
  Liability,
  LiabilityAnswer,
  OwnMargin,
  OwnResoldInvoice,
  PartnerEntry,
  ResellerMargin,
  ResoldInvoice,
  Unearned,
} from '../../api/schemas/commissions.ts';
import type { Session } from '../../api/schemas/common.ts';
import type { Conflict, Deal, DealDetail, Journey } from '../../api/schemas/deals.ts';
import type { Explanation } from '../../api/schemas/explain.ts';
import type {
  Activation,
  LeadResponse,
  LeadResponseBand,
  LeadResponseSummary,
  Me,
  Overlap,
  OverlapSummary,
  PartnerDeal,
  Registration,
  RegistrationDecision,
  RegistrationHealth,
} from '../../api/schemas/programme.ts';
import type { Audit, Exception, Quality, Reconciliation } from '../../api/schemas/quality.ts';
import type {
  AttributionRow,
  Partner,
  PartnerRevenueMonth,
  RevenueMonth,
  UnlinkedMoney,
  WindowSensitivity,
} from '../../api/schemas/revenue.ts';
import type {
  Decision,
  Statement,
  StatementDetail,
  StatementLine,
  StatementList,
} from '../../api/schemas/statements.ts';

type Row<Given extends { schema: z.ZodType }> = z.infer<Given['schema']>;

/** A page of a list. */
export interface List<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

export type RevenueRow = Row<typeof RevenueMonth>;
export type PartnerRow = Row<typeof Partner>;
export type PartnerMonthRow = Row<typeof PartnerRevenueMonth>;
export type CreditRow = Row<typeof AttributionRow>;
export type WindowRow = Row<typeof WindowSensitivity>;
export type DealRow = Row<typeof Deal>;
export type DealAnswer = z.infer<typeof DealDetail>;
export type JourneyAnswer = z.infer<typeof Journey>;
export type ConflictRow = Row<typeof Conflict>;
export type LiabilityRow = Row<typeof Liability>;
export type LiabilityList = z.infer<typeof LiabilityAnswer>;
export type LiabilityTotal = LiabilityList['reporting_totals'][number];
export type EntryRow = Row<typeof Entry>;
export type StatementRow = Row<typeof Statement>;
export type StatementLineRow = Row<typeof StatementLine>;
export type StatementAnswer = z.infer<typeof StatementDetail>;
export type StatementsAnswer = z.infer<typeof StatementList>;
export type DecisionRow = Row<typeof Decision>;
export type MarginRow = Row<typeof ResellerMargin>;
export type OwnMarginRow = Row<typeof OwnMargin>;
export type OwnResoldRow = Row<typeof OwnResoldInvoice>;
export type ResoldRow = Row<typeof ResoldInvoice>;
export type UnearnedRow = Row<typeof Unearned>;
export type AgingRow = Row<typeof AgingRowSchema>;
export type AgingList = z.infer<typeof AgingAnswer>;
export type ActivationRow = Row<typeof Activation>;
export type LeadRow = Row<typeof LeadResponse>;
export type LeadBandRow = Row<typeof LeadResponseBand>;
export type LeadSummaryRow = Row<typeof LeadResponseSummary>;
export type RegistrationHealthRow = Row<typeof RegistrationHealth>;
export type RegistrationDecisionRow = Row<typeof RegistrationDecision>;
export type OverlapRow = Row<typeof Overlap>;
export type OverlapSummaryRow = Row<typeof OverlapSummary>;
export type UnlinkedRow = Row<typeof UnlinkedMoney>;
export type ReconciliationRow = Row<typeof Reconciliation>;
export type ExceptionRow = Row<typeof Exception>;
export type AuditRow = Row<typeof Audit>;
export type QualityAnswer = z.infer<typeof Quality>;
export type ExplainAnswer = z.infer<typeof Explanation>;
export type MeAnswer = z.infer<typeof Me>;
export type OwnEntryRow = Row<typeof PartnerEntry>;
export type OwnDealRow = Row<typeof PartnerDeal>;
export type OwnRegistrationRow = Row<typeof Registration>;
export type SessionAnswer = z.infer<typeof Session>;
