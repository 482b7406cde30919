// The claims pass: registrations and leads stream by once, deal by deal, and leave who sourced each deal, by which evidence,
// and every claim that lost. The rules themselves are sourcing.ts and carry-forward.ts.
import type { Config } from '../core/config.ts';
import { carryForward } from './carry-forward.ts';
import { type RowBuffer, rowBuffer } from './columns.ts';
import { type Deals, dealFacts, known, type Parties, readClaims } from './inputs.ts';
import type { WarehousePort } from './ports.ts';
import { programmeOf } from './programme.ts';
import { type Claim, type Decision, decideSourcing, lossReasons, ruleNames } from './sourcing.ts';

/** The first touch of each deal: its party (−1: no touch), its time and its `touch_index`. */
export interface FirstTouches {
  readonly party_index: Int32Array;
  readonly occurred_us: Float64Array;
  readonly touch_index: Int32Array;
}

export interface ClaimsInput {
  readonly warehouse: WarehousePort;
  readonly config: Pick<Config, 'attribution' | 'motions'>;
  readonly deals: Deals;
  readonly parties: Parties;
  readonly firstTouches: FirstTouches;
}

/** Who sourced each deal by its own evidence; −1 in `party_index` for none. */
interface OwnSourcing {
  readonly party_index: Int32Array;
  readonly rule_index: Int32Array;
  readonly evidence_index: Int32Array;
  readonly evidence_us: Float64Array;
}

/** Decides every deal and writes `attribution.sourcing` and `attribution.loss`; gives what it counted. */
export async function sourceDeals(input: ClaimsInput): Promise<Record<string, number>> {
  const { warehouse, config, deals, parties, firstTouches } = input;
  const programme = programmeOf(config);
  const inOrder = ({ rule }: Claim) => programme.order.includes(rule as (typeof programme.order)[number]);
  const own = noSourcing(deals.count);
  const losses = rowBuffer(await warehouse.appender('attribution.loss'), new Array(5).fill('integer'));
  await eachDeal(warehouse, deals.count, (deal, submitted) => {
    const claims = [...submitted, ...claimsOfDeal(deals, deal, parties, firstTouches)].filter(inOrder);
    if (claims.length === 0) return;
    const decision = decideSourcing(dealFacts(deals, deal), claims, parties.partners, programme);
    if (decision.winner) keepWinner(own, deal, decision.winner);
    writeLosses(losses, deal, decision, deals.closed_upper_us[deal]!);
  });
  const origins = carryForward({ ...deals, own_party: own.party_index }, parties.partners, programme.carry_months);
  const sourced = await writeSourcing(warehouse, deals, own, origins);
  return { deals: deals.count, sourced, losing_claims: await losses.close() };
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

function writeRow(buffer: RowBuffer, values: readonly number[]): void {
  const row = buffer.next();
  for (let column = 0; column < values.length; column++) buffer.columns[column]![row] = values[column]!;
}
