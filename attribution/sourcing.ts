// Which partner sourced one deal, and why every other claim lost (domain.md §4, fine-print 8–10). Pure: evidence in,
// decision out. Carry-forward, which needs the other deals' decisions, is carry-forward.ts.
import type { MotionName } from '../core/programme.ts';
import { DAY_US } from './columns.ts';
import type { Programme, RuleWindows } from './programme.ts';

/** What the rules ask of a deal. Instants are microseconds; a date counts by its first (`_us`) or last (`_upper_us`) one. */
export interface DealFacts {
  /** Null for a deal of unknown date: no rule that looks at its creation can hold. */
  readonly created_us: number | null;
  readonly created_upper_us: number;
  /** The close; `as_of` for an open deal. */
  readonly closed_upper_us: number;
  /** The buyer; −1 where it is not known. */
  readonly account_index: number;
}

export interface PartnerFacts {
  readonly motion: MotionName;
  /** The accounts that share a corporate domain with the partner. */
  readonly own_accounts: ReadonlySet<number>;
  /** Last microsecond of the partnership; null while it lasts. */
  readonly ended_upper_us: number | null;
}

interface Evidence {
  readonly party_index: number;
  /** Order of the evidence id among the evidence of its rule. */
  readonly evidence_index: number;
  /** When it was submitted, first observed, or happened; null where nobody knows. */
  readonly evidence_us: number | null;
}

export interface RegistrationClaim extends Evidence {
  readonly rule: 'deal_registration';
  readonly status: 'approved' | 'pending' | 'rejected' | 'expired';
  /** The decision; an approved registration without one was decided at submission. */
  readonly decided_us: number;
  readonly decided_upper_us: number;
  /** The end of protection that the record itself names. */
  readonly protection_ends_upper_us: number | null;
  /** Creation of the account's earliest deal that was open at submission (of any kind); null when none was. */
  readonly first_open_us: number | null;
}

export interface LeadClaim extends Evidence {
  readonly rule: 'partner_lead';
  readonly is_rejected: boolean;
}

export interface FieldClaim extends Evidence {
  readonly rule: 'crm_field';
}

export interface TouchClaim extends Evidence {
  readonly rule: 'first_touch';
}

export type Claim = RegistrationClaim | LeadClaim | FieldClaim | TouchClaim;

/** Why a claim lost. The first reason that holds, in this order. */
export const lossReasons = {
  rule_off: "the motion of the claim's partner has this rule switched off",
  undated: 'nobody knows when the evidence came, or when the deal was created',
  rejected: 'the registration or lead was rejected',
  not_approved: 'the registration is not approved (yet)',
  self_referral: 'partner and buyer share a corporate domain',
  partner_ended: 'the evidence is dated after the partner ended',
  submitted_after_creation: 'submitted after the deal was created (and its days of grace)',
  decided_after_close: 'approved after the deal was closed',
  protection_ended: 'the deal was created after the protection had ended',
  not_net_new: 'another deal of the account was open when it was submitted',
  outside_window: 'submitted longer before the deal than the window reaches',
  observed_after_close: 'the partner field had this value only after the close',
  earlier_rule: 'a rule that comes first in the order found a partner',
  later_evidence: 'evidence of the same rule came earlier',
  higher_id: 'evidence of the same rule and time has the lower id',
} as const;

export type LossReason = keyof typeof lossReasons;

export interface Loss {
  readonly claim: Claim;
  readonly reason: LossReason;
}

export interface Decision {
  readonly winner: Claim | null;
  readonly losses: readonly Loss[];
}

/** Decides a deal from all the claims on it, in any order. */
export function decideSourcing(
  deal: DealFacts,
  claims: readonly Claim[],
  partners: readonly PartnerFacts[],
  programme: Programme,
): Decision {
  const flaws = claims.map((claim) => flawOf(deal, claim, partners[claim.party_index]!, programme));
  let winner: Claim | null = null;
  for (let index = 0; index < claims.length; index++)
    if (flaws[index] === null && (winner === null || precedes(claims[index]!, winner, programme)))
      winner = claims[index]!;
  const losses: Loss[] = [];
  for (let index = 0; index < claims.length; index++) {
    const claim = claims[index]!;
    if (claim !== winner) losses.push({ claim, reason: flaws[index] ?? lostTo(claim, winner!) });
  }
  return { winner, losses };
}

/** Rule before partner; then the earliest evidence; then the lower id (fine-print 10). */
function precedes(left: Claim, right: Claim, { order }: Programme): boolean {
  if (left.rule !== right.rule) return order.indexOf(left.rule) < order.indexOf(right.rule);
  if (left.evidence_us !== right.evidence_us) return left.evidence_us! < right.evidence_us!;
  return left.evidence_index < right.evidence_index;
}

function lostTo(claim: Claim, winner: Claim): LossReason {
  if (claim.rule !== winner.rule) return 'earlier_rule';
  return claim.evidence_us === winner.evidence_us ? 'higher_id' : 'later_evidence';
}

/** The reason that keeps a claim from sourcing this deal whatever the others are; null for a good claim. */
function flawOf(deal: DealFacts, claim: Claim, partner: PartnerFacts, programme: Programme): LossReason | null {
  const windows = programme.rule(partner.motion, claim.rule);
  if (windows === null) return 'rule_off';
  const { evidence_us } = claim;
  if (evidence_us === null) return 'undated';
  const unfit = claim.rule === 'deal_registration' ? unapproved(claim) : isRejectedLead(claim) ? 'rejected' : null;
  if (unfit) return unfit;
  if (partner.own_accounts.has(deal.account_index)) return 'self_referral';
  if (partner.ended_upper_us !== null && evidence_us > partner.ended_upper_us) return 'partner_ended';
  switch (claim.rule) {
    case 'deal_registration':
      return registrationFlaw(deal, claim, evidence_us, windows);
    case 'partner_lead':
      return leadFlaw(deal, evidence_us, windows);
    case 'crm_field':
      return evidence_us > deal.closed_upper_us ? 'observed_after_close' : null;
    case 'first_touch':
      return null;
  }
}

/** Approved, or expired after a decision (fine-print 8). */
function unapproved(claim: RegistrationClaim): LossReason | null {
  if (claim.status === 'rejected') return 'rejected';
  return claim.status === 'approved' ? null : 'not_approved';
}

function isRejectedLead(claim: Claim): boolean {
  return claim.rule === 'partner_lead' && claim.is_rejected;
}

/** fine-print 9. */
function registrationFlaw(
  deal: DealFacts,
  claim: RegistrationClaim,
  submitted_us: number,
  { grace_days, protection_days }: RuleWindows,
): LossReason | null {
  if (deal.created_us === null) return 'undated';
  if (submitted_us > deal.created_upper_us + grace_days * DAY_US) return 'submitted_after_creation';
  if (claim.decided_us > deal.closed_upper_us) return 'decided_after_close';
  const protection_us = claim.protection_ends_upper_us ?? claim.decided_upper_us + protection_days * DAY_US;
  if (deal.created_us > protection_us) return 'protection_ended';
  // Only a deal created before this one can stand in its way, so the earliest open one tells.
  if (claim.first_open_us !== null && claim.first_open_us < deal.created_us) return 'not_net_new';
  return null;
}

function leadFlaw(deal: DealFacts, submitted_us: number, { window_days }: RuleWindows): LossReason | null {
  if (deal.created_us === null) return 'undated';
  if (submitted_us > deal.created_upper_us) return 'submitted_after_creation';
  return submitted_us < deal.created_us - window_days * DAY_US ? 'outside_window' : null;
}

/** Rules by number, as tables hold them; `carry_forward` comes after the company's own. */
export const ruleNames = ['deal_registration', 'partner_lead', 'crm_field', 'first_touch', 'carry_forward'] as const;
