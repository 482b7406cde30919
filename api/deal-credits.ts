// A party's credit deal by deal: allocate(fct_deal_money, fct_attribution_weight), as the monthly table sums it.
import { compareBytes } from '../core/ids.ts';
import { allocate } from '../core/money.ts';
import type { Release } from './release-store.ts';

export interface CreditQuestion {
  readonly party_kind: string;
  readonly party_id: string;
  readonly month: string;
  readonly basis: string;
  readonly method: string;
}

export interface DealCredit {
  readonly deal_id: string;
  readonly name: string | null;
  /** Parts of 10⁹. */
  readonly weight: bigint;
  /** In the reporting currency. */
  readonly amount_minor: bigint;
}

interface WeightRow {
  readonly deal_id: string;
  readonly name: string | null;
  readonly party_kind: string;
  readonly party_id: string;
  readonly weight: bigint;
}

/** The party's credit on every deal with money in the month, largest first. `method` must be one of the release's. */
export async function dealCredits(release: Release, question: CreditQuestion): Promise<DealCredit[]> {
  const { method, month, basis, party_kind, party_id } = question;
  const money = `SELECT deal_id, currency, reporting_amount_minor FROM fct_deal_money
    WHERE basis = $basis AND month = CAST($month || '-01' AS DATE) AND reporting_amount_minor <> 0`;
  const amounts = await release.rows<{ deal_id: string; reporting_amount_minor: bigint }>(money, { month, basis });
  const weights = await release.rows<WeightRow>(
    `SELECT deal_id, dim_deal.name, party_kind, coalesce(party_id, '') AS party_id, CAST("${method}" AS BIGINT) AS weight
     FROM fct_attribution_weight LEFT JOIN dim_deal USING (deal_id)
     WHERE deal_id IN (SELECT deal_id FROM (${money})) AND deal_id IN (
       SELECT deal_id FROM fct_attribution_weight
       WHERE party_kind = $party_kind AND coalesce(party_id, '') = $party_id AND "${method}" > 0)`,
    { month, basis, party_kind, party_id },
  );
  const parties = Map.groupBy(weights, ({ deal_id }) => deal_id);
  const credits = new Map<string, DealCredit>();
  for (const { deal_id, reporting_amount_minor } of amounts) {
    const deal = parties.get(deal_id)?.sort(byParty);
    if (!deal) continue;
    const position = deal.findIndex((party) => party.party_kind === party_kind && party.party_id === party_id);
    const share = allocate(
      reporting_amount_minor,
      deal.map(({ weight }) => weight),
    )[position]!;
    const before = credits.get(deal_id)?.amount_minor ?? 0n;
    credits.set(deal_id, {
      deal_id,
      name: deal[0]!.name,
      weight: deal[position]!.weight,
      amount_minor: before + share,
    });
  }
  return [...credits.values()].sort((a, b) =>
    a.amount_minor === b.amount_minor ? compareBytes(a.deal_id, b.deal_id) : a.amount_minor > b.amount_minor ? -1 : 1,
  );
}

const kinds = ['partner', 'channel', 'unattributed'];

/** Partners before channels, ids by bytes (fine-print 1): the positions that `allocate` breaks ties by. */
export function byParty(
  left: { readonly party_kind: string; readonly party_id: string },
  right: { readonly party_kind: string; readonly party_id: string },
): number {
  return (
    kinds.indexOf(left.party_kind) - kinds.indexOf(right.party_kind) || compareBytes(left.party_id, right.party_id)
  );
}
