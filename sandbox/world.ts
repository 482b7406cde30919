// What every part of the generator shares while it runs: the frame, the partners, the rates, the files and the counters.
import type { Moment } from './calendar.ts';
import { at, DAY_SECONDS, type Day, workday } from './calendar.ts';
import type { Rates } from './fx.ts';
import type { Partner, Partners } from './partners.ts';
import type { Random } from './random.ts';
import type { Currency, ProductName, Setting } from './setting.ts';
import type { Truth } from './truth.ts';
import type { Sheets } from './writers.ts';

export type World = {
  readonly setting: Setting;
  readonly partners: Partners;
  readonly rates: Rates;
  readonly sheets: Sheets;
  readonly truth: Truth;
  /** The next native id of a kind: D-1001, D-1002, … */
  nextId(prefix: string): string;
  /** The creation day of a first deal, by growth and season. */
  drawDemand(random: Random): Day;
};

export type Segment = 'smb' | 'mid' | 'enterprise';

export type Account = {
  readonly id: string;
  readonly name: string;
  /** Undefined where people write from free mail. */
  readonly domain: string | undefined;
  readonly country: string;
  readonly isEuropean: boolean;
  readonly currency: Currency;
  readonly segment: Segment;
  readonly contacts: readonly { readonly id: string; readonly email: string }[];
  /** A second record of the same company, merged into this one. */
  readonly duplicateId: string | undefined;
  /** Set where the company is itself a partner: its claims on its own purchases are self-referrals. */
  readonly partner: Partner | undefined;
};

export type OwnRule = 'deal_registration' | 'partner_lead' | 'crm_field' | 'first_touch';
export type Intent = { readonly partner: Partner; readonly rule: OwnRule };
export type Sourcing = {
  readonly partner: Partner;
  readonly rule: OwnRule | 'carry_forward';
  /** Native id of the evidence, with its kind for what has no canonical stream id of its own. */
  readonly evidence: string;
};

export type Contract = {
  readonly cycle: 'monthly' | 'quarterly' | 'annual';
  /** Net per month in minor units, each a multiple of four. */
  readonly monthly: readonly { readonly product: ProductName; readonly net: bigint; readonly list: bigint }[];
  /** One-off services on the first invoice, net. */
  readonly services: bigint;
};

export type Deal = {
  readonly id: string;
  readonly account: Account;
  readonly kind: 'new' | 'renewal' | 'expansion';
  readonly created: Moment;
  /** Undefined while open. */
  readonly closed: Moment | undefined;
  readonly isWon: boolean;
  readonly contract: Contract;
  readonly owner: string;
  /** What the generator decided brings this deal in; undefined: nobody of its own. */
  intent: Intent | undefined;
  sourcing: Sourcing | undefined;
  /** Partners with at least one eligible touch, the sourcing partner included. */
  readonly touchedBy: Set<Partner>;
};

/** A working moment of a day: office hours for people's work. */
export function officeTime(random: Random, day: Day): Moment {
  return at(workday(day), random.whole(8 * 3600 + 1800, 17 * 3600 + 3599));
}

/** Any waking moment of a day: the web does not keep office hours. */
export function anyTime(random: Random, day: Day): Moment {
  return at(day, random.whole(6 * 3600, 23 * 3600 + 3599));
}

/** The last moment in which things may still happen to a deal's journey. */
export function journeyEnd(world: World, deal: Deal): Moment {
  return deal.closed ?? world.setting.now;
}

/** Whether evidence at a moment that names only the account is in no other deal's window. */
export function isAloneInWindow(world: World, deal: Deal, siblings: readonly Deal[], moment: Moment): boolean {
  return siblings.every(
    (other) =>
      other === deal ||
      moment < other.created - 181 * DAY_SECONDS ||
      moment > (other.closed ?? world.setting.now) + DAY_SECONDS,
  );
}
