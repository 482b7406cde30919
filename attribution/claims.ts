// The claims pass: registrations and leads stream by once, deal by deal, and leave who sourced each deal, by which evidence,
// and every claim that lost. The rules themselves are sourcing.ts and carry-forward.ts.
import type { Config } from '../core/config.ts';
import { carryForward } from './carry-forward.ts';
import { type RowBuffer, rowBuffer } from './columns.ts';
import { type Deals, dealFacts, known, type Parties, readClaims } from './inputs.ts';
import type { Journey } from './methods/method.ts';
import type { WarehousePort } from './ports.ts';
import { type Programme, programmeOf } from './programme.ts';
import { type Claim, type Decision, decideSourcing, lossReasons, ruleNames } from './sourcing.ts';

/** The first touch of each deal: its party (−1: no touch), its time and its `touch_index`. */
export interface FirstTouches {
  readonly party_index: Int32Array;
  readonly occurred_us: Float64Array;
  readonly touch_index: Int32Array;
}

/** No deal has a touch yet. */
export function noFirstTouches(count: number): FirstTouches {
  return {
    party_index: new Int32Array(count).fill(-1),
    occurred_us: new Float64Array(count),
    touch_index: new Int32Array(count),
  };
}

/** Keeps the first touch of a journey, whose `touch_index` is given. */
export function keepFirstTouch(
  into: FirstTouches,
  deal: number,
  journey: Journey,
  touch_index: number,
  touch = 0,
): void {
  into.party_index[deal] = journey.party_index[touch]!;
  into.occurred_us[deal] = journey.occurred_us[touch]!;
  into.touch_index[deal] = touch_index;
}

/** Sourcing under one set of rules and windows. The first variant is the company's own; the others tell what would be. */
export interface Variant {
  /** Null for the company's own. */
  readonly window_days: number | null;
  readonly programme: Programme;
  readonly firstTouches: FirstTouches;
}

/** The company's own windows. */
export function configuredVariant(
  config: Pick<Config, 'attribution' | 'motions'>,
  firstTouches: FirstTouches,
): Variant {
  return { window_days: null, programme: programmeOf(config), firstTouches };
}

export interface ClaimsInput {
  readonly warehouse: WarehousePort;
  readonly deals: Deals;
  readonly parties: Parties;
  readonly variants: readonly Variant[];
}

/** Who sourced each deal by its own evidence; −1 in `party_index` for none. */
interface OwnSourcing {
  readonly party_index: Int32Array;
  readonly rule_index: Int32Array;
  readonly evidence_index: Int32Array;
  readonly evidence_us: Float64Array;
}

/**
 * Decides every deal under every variant. Writes `attribution.sourcing` and `attribution.loss` of the company's own, and
 * `attribution.window_sourcing` of the others; gives what it counted.
 */
export async function sourceDeals(input: ClaimsInput): Promise<Record<string, number>> {
  const { warehouse, deals, parties, variants } = input;
  const owns = variants.map(() => noSourcing(deals.count));
  const losses = rowBuffer(await warehouse.appender('attribution.loss'), new Array(5).fill('integer'));
  await eachDeal(warehouse, deals.count, (deal, submitted) => {
    const configured = decide(input, variants[0]!, deal, submitted);
    writeLosses(losses, deal, configured, deals.closed_upper_us[deal]!);
    for (const [index, variant] of variants.entries()) {
      const isSame = index === 0 || asConfigured(variant, variants[0]!, deal, submitted);
      const { winner } = isSame ? configured : decide(input, variant, deal, submitted);
      if (winner) keepWinner(owns[index]!, deal, winner);
    }
  });
  const carried = (index: number) => {
    const own_party = owns[index]!.party_index;
    return carryForward({ ...deals, own_party }, parties.partners, variants[index]!.programme.carry_months);
  };
  const sourced = await writeSourcing(warehouse, deals, owns[0]!, carried(0));
  await writeWindowSourcing(warehouse, variants, owns, carried);
  return { deals: deals.count, sourced, losing_claims: await losses.close() };
}

const undecided: Decision = { winner: null, losses: [] };

function decide(
  { deals, parties }: ClaimsInput,
  { programme, firstTouches }: Variant,
  deal: number,
  submitted: readonly Claim[],
): Decision {
  const claims = [...submitted, ...claimsOfDeal(deals, deal, parties, firstTouches)].filter(({ rule }) =>
    programme.order.includes(rule),
  );
  return claims.length ? decideSourcing(dealFacts(deals, deal), claims, parties.partners, programme) : undecided;
}

/** Another window moves only leads and the first touch: without a lead, and with the same first touch, nothing changes. */
function asConfigured(variant: Variant, configured: Variant, deal: number, submitted: readonly Claim[]): boolean {
  const [left, right] = [variant.firstTouches, configured.firstTouches];
  return (
    left.party_index[deal] === right.party_index[deal] &&
    left.occurred_us[deal] === right.occurred_us[deal] &&
    submitted.every(({ rule }) => rule !== 'partner_lead')
  );
}

function noSourcing(count: number): OwnSourcing {
  return {
    party_index: new Int32Array(count).fill(-1),
    rule_index: new Int32Array(count),
    evidence_index: new Int32Array(count),
    evidence_us: new Float64Array(count),
  };
}

/** Visits every deal in order with its registrations and leads. */
async function eachDeal(
  warehouse: WarehousePort,
  dealCount: number,
  visit: (deal: number, claims: readonly Claim[]) => void,
): Promise<void> {
  let current = 0;
  let claims: Claim[] = [];
  const visitUntil = (deal: number) => {
    for (; current < deal; current++) {
      visit(current, claims);
      claims = [];
    }
  };
  for await (const { deal, claim } of readClaims(warehouse)) {
    visitUntil(deal);
    claims.push(claim);
  }
  visitUntil(dealCount);
}

/** The claims that a deal makes itself: its partner field, and its first touch where that is a partner's. */
function claimsOfDeal(deals: Deals, deal: number, parties: Parties, firstTouches: FirstTouches): Claim[] {
  const claims: Claim[] = [];
  const party_index = deals.source_party_index[deal]!;
  if (party_index >= 0) {
    const evidence_us = known(deals.source_observed_us[deal]!);
    claims.push({ rule: 'crm_field', party_index, evidence_index: deal, evidence_us });
  }
  const toucher = firstTouches.party_index[deal]!;
  if (toucher >= 0 && toucher < parties.partners.length) {
    const evidence_us = firstTouches.occurred_us[deal]!;
    const evidence_index = firstTouches.touch_index[deal]!;
    claims.push({ rule: 'first_touch', party_index: toucher, evidence_index, evidence_us });
  }
  return claims;
}

function keepWinner(own: OwnSourcing, deal: number, winner: Claim): void {
  own.party_index[deal] = winner.party_index;
  own.rule_index[deal] = ruleNames.indexOf(winner.rule);
  own.evidence_index[deal] = winner.evidence_index;
  own.evidence_us[deal] = winner.evidence_us!;
}

const reasonNames = Object.keys(lossReasons);

/** Columns of `attribution.loss`: deal, rule, party, evidence, reason. What came after the close was no claim on the deal. */
function writeLosses(losses: RowBuffer, deal: number, { losses: lost }: Decision, closed_upper_us: number): void {
  for (const { claim, reason } of lost) {
    if (claim.evidence_us !== null && claim.evidence_us > closed_upper_us && claim.rule !== 'crm_field') continue;
    const { rule, party_index, evidence_index } = claim;
    writeRow(losses, [deal, ruleNames.indexOf(rule), party_index, evidence_index, reasonNames.indexOf(reason)]);
  }
}

/** Columns of `attribution.sourcing`: deal, rule, party, evidence, its time. Gives the number of sourced deals. */
async function writeSourcing(
  warehouse: WarehousePort,
  deals: Deals,
  own: OwnSourcing,
  origins: Int32Array,
): Promise<number> {
  const rows = rowBuffer(await warehouse.appender('attribution.sourcing'), [
    'integer',
    'integer',
    'integer',
    'integer',
    'instant',
  ]);
  const carried = ruleNames.indexOf('carry_forward');
  for (let deal = 0; deal < deals.count; deal++) {
    const origin = origins[deal]!;
    const party = own.party_index[deal]!;
    if (party >= 0)
      writeRow(rows, [deal, own.rule_index[deal]!, party, own.evidence_index[deal]!, own.evidence_us[deal]!]);
    else if (origin >= 0) writeRow(rows, [deal, carried, own.party_index[origin]!, origin, deals.closed_us[origin]!]);
  }
  return rows.close();
}

/** Columns of `attribution.window_sourcing`: window, deal, party. */
async function writeWindowSourcing(
  warehouse: WarehousePort,
  variants: readonly Variant[],
  owns: readonly OwnSourcing[],
  carried: (index: number) => Int32Array,
): Promise<void> {
  const rows = rowBuffer(await warehouse.appender('attribution.window_sourcing'), ['integer', 'integer', 'integer']);
  for (const [index, { window_days }] of variants.entries()) {
    if (window_days === null) continue;
    const origins = carried(index);
    const own = owns[index]!.party_index;
    for (let deal = 0; deal < own.length; deal++) {
      const party = own[deal]! >= 0 ? own[deal]! : origins[deal]! >= 0 ? own[origins[deal]!]! : -1;
      if (party >= 0) writeRow(rows, [window_days, deal, party]);
    }
  }
  await rows.close();
}

function writeRow(buffer: RowBuffer, values: readonly number[]): void {
  const row = buffer.next();
  for (let column = 0; column < values.length; column++) buffer.columns[column]![row] = values[column]!;
}
