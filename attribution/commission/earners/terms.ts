// What is agreed with each partner.
import type { Config } from '../../../core/config.ts';
import { ConfigError } from '../../../core/errors.ts';
import type { WarehousePort } from '../../ports.ts';
import { type Agreement, overlapOf, type PartnerTerms } from '../plans/plan.ts';

type AgreementRow = Agreement & { readonly partner_id: string };

/** Every partner's terms by party_index. Throws ConfigError where two agreements of a partner overlap. */
export async function readTerms(warehouse: WarehousePort, motions: Config['motions']): Promise<PartnerTerms[]> {
  const agreements = await warehouse.rows<AgreementRow>(`
    select partner_id, agreement_id, plan, cast(starts_on - date '1970-01-01' as integer) as starts_day,
      cast(ends_on - date '1970-01-01' as integer) as ends_day
    from core.partner_agreements order by partner_id, starts_on, agreement_id`);
  const byPartner = Map.groupBy(agreements, ({ partner_id }) => partner_id);
  refuseOverlaps(byPartner);
  const partners = await warehouse.rows<{ party_id: string; motion: string }>(
    "select party_id, motion from journeys.party where party_kind = 'partner' order by party_index",
  );
  return partners.map(({ party_id, motion }) => {
    const { margin = false, default_plan = null } = motions[motion as keyof typeof motions] ?? {};
    return { partner_id: party_id, is_margin: margin, default_plan, agreements: byPartner.get(party_id) ?? [] };
  });
}

function refuseOverlaps(byPartner: ReadonlyMap<string, readonly AgreementRow[]>): void {
  const problems = [...byPartner].flatMap(([partner_id, agreements]) => {
    const overlap = overlapOf(agreements);
    if (!overlap) return [];
    return [
      `${partner_id}: agreements ${overlap[0].agreement_id} and ${overlap[1].agreement_id} are in force on the same day`,
    ];
  });
  if (problems.length)
    throw new ConfigError(
      problems.join('\n'),
      'end the earlier agreement before the later one starts; in a file, a row that should not be there is taken back by `is_deleted` true, not by leaving it out',
    );
}
