// Credit of one month and basis, shaped for the attribution page: per party the amount under each method.
import type { CreditRow, PartnerMonthRow } from './answers.js';
import type { Money } from './format.js';
import { largestFirst, minor, sum } from './money.js';

export interface PartyCredit {
  readonly party_id: string;
  readonly name: string;
  readonly kind: string;
  readonly motion: string | null;
  /** By method; a method without a row gave nothing. */
  readonly amounts: ReadonlyMap<string, Money>;
  readonly explain: ReadonlyMap<string, string>;
  readonly sourced: Money | undefined;
  readonly influenced: Money | undefined;
  /** Explains the partner's month. */
  readonly month_explain_id: string | undefined;
}

/** Every party, those with most credit under the method first. */
export function partyCredits(
  rows: readonly CreditRow[],
  own: readonly PartnerMonthRow[],
  method: string,
): PartyCredit[] {
  const parties = [...Map.groupBy(rows, ({ party_kind, party_id }) => `${party_kind}/${party_id}`).values()];
  const credits = parties.map((group): PartyCredit => {
    const [first] = group as [CreditRow, ...CreditRow[]];
    const month = own.find(({ partner_id }) => first.party_kind === 'partner' && partner_id === first.party_id);
    return {
      party_id: first.party_id ?? '',
      name: first.party_name ?? first.party_id ?? '',
      kind: first.party_kind ?? '',
      motion: first.motion,
      amounts: new Map(group.map((row) => [row.method, row.reporting_amount])),
      explain: new Map(group.flatMap((row) => (row.explain_id ? [[row.method, row.explain_id] as const] : []))),
      sourced: month?.reporting_sourced,
      influenced: month?.reporting_influenced_gross,
      month_explain_id: month?.explain_id,
    };
  });
  return largestFirst(
    credits,
    ({ amounts }) => minor(amounts.get(method)),
    ({ name }) => name,
  );
}

export interface MethodTotals {
  readonly method: string;
  readonly partners: Money | undefined;
  readonly channels: Money | undefined;
  readonly unattributed: Money | undefined;
}

/** What each method gives to partners, to other channels and to nobody. */
export function methodTotals(rows: readonly CreditRow[], methods: readonly string[]): MethodTotals[] {
  const of = (method: string, kind: string) =>
    sum(rows.filter((row) => row.method === method && row.party_kind === kind).map((row) => row.reporting_amount));
  return methods.map((method) => ({
    method,
    partners: of(method, 'partner'),
    channels: of(method, 'channel'),
    unattributed: of(method, 'unattributed'),
  }));
}
