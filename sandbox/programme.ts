// The partner programme in figures: what each plan pays. The same figures stand in the workspace's sourced.yaml.
import { type Day, dayOf, dayOfDate } from './calendar.ts';
import { agreementsOf, hasEnded } from './partners.ts';
import type { Currency, ProductName, Setting } from './setting.ts';
import type { Deal } from './world.ts';

export type Terms = {
  readonly currency: Currency;
  /** Percent of what was paid. */
  readonly percent: bigint;
  /** Payments earn until this many months after the deal's close. */
  readonly months: number;
  /** Returns count for this many days from the payment; undefined: always. */
  readonly clawbackDays: number | undefined;
  /** Undefined: all products. */
  readonly products: readonly ProductName[] | undefined;
};

const subscriptions: readonly ProductName[] = ['platform', 'insights', 'automate', 'usage'];

/** First day of the co-sell plans' second version. */
export const CO_SELL_RAISE = dayOfDate(2026, 1, 1);

function planTerms(plan: string, closed: Day): Terms {
  switch (plan) {
    case 'referral-standard':
      return { currency: 'USD', percent: 20n, months: 12, clawbackDays: undefined, products: subscriptions };
    case 'referral-premier':
      return { currency: 'USD', percent: 25n, months: 12, clawbackDays: undefined, products: subscriptions };
    case 'referral-emea':
      return { currency: 'EUR', percent: 20n, months: 12, clawbackDays: undefined, products: subscriptions };
    case 'co-sell-standard':
      return {
        currency: 'USD',
        percent: closed < CO_SELL_RAISE ? 8n : 10n,
        months: 24,
        clawbackDays: 90,
        products: undefined,
      };
    case 'co-sell-emea':
      return { currency: 'EUR', percent: 10n, months: 24, clawbackDays: 90, products: undefined };
    default:
      throw new Error(`programme: no plan ${plan}`);
  }
}

const defaultPlans = { referral: 'referral-standard', co_sell: 'co-sell-standard' } as const;

/** What a won deal's sourcing partner earns from it, or undefined: a reseller keeps its margin, an ended partner earns nothing. */
export function termsOf(setting: Setting, deal: Deal): Terms | undefined {
  const partner = deal.sourcing?.partner;
  if (!partner || partner.motion === 'reseller' || hasEnded(partner, deal.closed!)) return undefined;
  const closed = dayOf(deal.closed!);
  const agreement = agreementsOf(setting, partner).find(
    ({ startsOn, endsOn }) => startsOn <= closed && closed <= (endsOn ?? closed),
  );
  return planTerms(agreement?.plan ?? defaultPlans[partner.motion], closed);
}
