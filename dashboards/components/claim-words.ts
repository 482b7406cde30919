// Why a claim on a deal lost, in words (attribution/sourcing.ts has the rules).
import { sentence } from './format.js';

const reasons: Readonly<Record<string, string>> = {
  rule_off: 'This kind of claim is switched off for its motion',
  undated: 'Nobody knows when it came',
  rejected: 'The registration or lead was rejected',
  not_approved: 'Not approved',
  self_referral: 'Partner and buyer share a domain',
  partner_ended: 'Dated after the partner ended',
  submitted_after_creation: 'Submitted after the deal was created',
  decided_after_close: 'Approved after the deal was closed',
  protection_ended: 'The deal was created after the protection had ended',
  not_net_new: 'Another deal of the account was open',
  outside_window: 'Too long before the deal',
  observed_after_close: 'The partner field had it only after the close',
  earlier_rule: 'A claim of a stronger kind won',
  later_evidence: 'Another claim of its kind came earlier',
  higher_id: 'Same kind and time as the winner: the lower id wins',
};

export function lossText(reason: string): string {
  return reasons[reason] ?? sentence(reason);
}
