// The partners: who they are, when they are active, what they are paid by, and what they learned.
import { addMonths, at, DAY_SECONDS, type Day, toDate, toInstant } from './calendar.ts';
import { companyNameOf, domainOf, partnerManagers } from './names.ts';
import { partnerList } from './partner-list.ts';
import { createRandom, indexOfShare, type Random } from './random.ts';
import type { Setting } from './setting.ts';
import type { Sheets } from './writers.ts';

const STREAM_PARTNERS = 0x7fff0002;
const RAMP_DAYS = 45;
const WIND_DOWN_DAYS = 30;
const STRENGTH_FLOOR = 1.6;
const FOUNDING_PARTNERS = 12;
/** Partners that joined in the two years bring more than their place in the list says. */
const NEWCOMER_STRENGTH = 2.2;

export type PartnerMotion = 'referral' | 'co_sell' | 'reseller';

export type Partner = {
  readonly id: string;
  readonly name: string;
  readonly motion: PartnerMotion;
  readonly tier: string;
  readonly country: string;
  readonly isEuropean: boolean;
  readonly domain: string;
  readonly manager: string;
  readonly joined: Day;
  /** Its last local day as a partner; undefined while it is one. */
  readonly ended: Day | undefined;
  readonly quietFrom: Day | undefined;
  /** Relative number of deals it brings. */
  readonly strength: number;
  /** First and last day on which it brings new business. */
  readonly activeFrom: Day;
  readonly activeTo: Day;
};

export type Partners = {
  readonly all: readonly Partner[];
  /** A partner that is active on a day, by strength; Europe's accounts mostly meet Europe's partners. */
  draw(random: Random, day: Day, isEuropean: boolean): Partner | undefined;
};

export function createPartners(setting: Setting): Partners {
  const random = createRandom(setting.seed, STREAM_PARTNERS);
  const all = Array.from({ length: setting.partners }, (_, index) => createPartner(setting, random, index));
  const months = new Map<string, { list: Partner[]; cumulative: number[] }>();
  /** Active partners of a half-month, with their cumulative strengths, drawn up once. */
  const slot = (day: Day, isEuropean: boolean) => {
    const start = day - (day % 15);
    const key = `${start}${isEuropean}`;
    let entry = months.get(key);
    if (!entry) {
      const list = all.filter((partner) => partner.activeFrom <= start && start + 14 <= partner.activeTo);
      let sum = 0;
      const cumulative = list.map((partner) => {
        sum += partner.strength * (partner.isEuropean === isEuropean ? 1 : isEuropean ? 0.12 : 0.03);
        return sum;
      });
      entry = { list, cumulative };
      months.set(key, entry);
    }
    return entry;
  };
  return {
    all,
    draw(source, day, isEuropean) {
      const { list, cumulative } = slot(day, isEuropean);
      return list.length === 0 ? undefined : list[indexOfShare(cumulative, source.next())];
    },
  };
}

function createPartner(setting: Setting, random: Random, index: number): Partner {
  const [name = '', motion, tier, country = 'US', fate] = (partnerList[index] ?? lesserPartner(random, index)).split(
    '|',
  );
  const [event = '', days] = fate?.split(':') ?? [];
  const since = (kind: string) => (event === kind ? setting.endDay - Number(days) : undefined);
  const joined = since('new') ?? drawJoined(setting, random, index);
  const ended = since('ended');
  const quietFrom = since('quiet');
  return {
    id: `P-${101 + index}`,
    name,
    motion: motion as PartnerMotion,
    tier: tier!,
    country,
    isEuropean: country !== 'US',
    domain: domainOf(name),
    manager: partnerManagers[index % partnerManagers.length]!,
    joined,
    ended,
    quietFrom,
    strength: (since('new') === undefined ? 1 : NEWCOMER_STRENGTH) / (index + STRENGTH_FLOOR) ** 0.95,
    activeFrom: joined + Math.min(RAMP_DAYS, Math.floor((setting.endDay - joined) / 3)),
    activeTo: quietFrom ?? (ended === undefined ? setting.lastDay + 30 : ended - WIND_DOWN_DAYS),
  };
}

/** The first dozen were there before the 24 months; the others came one by one, and those that left did so later. */
function drawJoined(setting: Setting, random: Random, index: number): Day {
  const early = setting.firstDay - random.whole(300, 640);
  const late = random.whole(setting.firstDay - 260, setting.endDay - 460);
  return index < FOUNDING_PARTNERS ? early : late;
}

const houses = 'Consulting|Advisory|Digital|Systems|Cloud|Partners|Integrations|Studio|Works|Solutions'.split('|');

/** A partner beyond the hand-written list, as text of the same form. */
function lesserPartner(random: Random, index: number): string {
  const isEuropean = random.chance(0.25);
  const [stem] = companyNameOf(index, isEuropean).split(' ');
  const motion = random.pick(['referral', 'referral', 'co_sell', 'co_sell', 'reseller']);
  const country = isEuropean ? random.pick(['DE', 'FR', 'NL']) : 'US';
  const fate = random.chance(0.25) ? `|new:${random.whole(40, 500)}` : random.chance(0.1) ? '|quiet:150' : '';
  const number = Math.floor(index / 90);
  return `${stem} ${houses[index % houses.length]}${number ? ` ${number}` : ''}|${motion}|bronze|${country}${fate}`;
}

/** Writes partners, their agreements and their enablement. */
export function writePartners(setting: Setting, partners: Partners, sheets: Sheets): void {
  const random = createRandom(setting.seed, STREAM_PARTNERS + 1);
  const counter = { agreement: 0, event: 0 };
  for (const partner of partners.all) {
    sheets.write('partners', {
      partner_id: partner.id,
      name: partner.name,
      motion: partner.motion,
      tier: partner.tier,
      status: partner.ended !== undefined ? 'ended' : partner.quietFrom !== undefined ? 'inactive' : 'active',
      joined_at: toDate(partner.joined),
      ended_at: partner.ended === undefined ? undefined : toDate(partner.ended),
      domain: partner.domain,
      country: partner.country,
      currency: partner.isEuropean ? 'EUR' : 'USD',
      manager: partner.manager,
    });
    for (const agreement of agreementsOf(setting, partner))
      sheets.write('partner_agreements', {
        agreement_id: `AG-${++counter.agreement}`,
        partner_id: partner.id,
        plan: agreement.plan,
        starts_on: toDate(agreement.startsOn),
        ends_on: agreement.endsOn === undefined ? undefined : toDate(agreement.endsOn),
      });
    writeEnablement(setting, partner, random, sheets, counter);
  }
}

export type Agreement = { readonly plan: string; readonly startsOn: Day; readonly endsOn: Day | undefined };

/** Agreements beside the motion's default plan: Europe is paid in euro, the two strongest referrers earn more. */
export function agreementsOf(setting: Setting, partner: Partner): Agreement[] {
  if (partner.motion === 'reseller') return [];
  const index = Number(partner.id.slice(2)) - 101;
  if (partner.isEuropean)
    return [
      {
        plan: partner.motion === 'referral' ? 'referral-emea' : 'co-sell-emea',
        startsOn: partner.joined,
        endsOn: undefined,
      },
    ];
  const startsOn = addMonths(setting.firstDay, 6);
  if (index === 1) return [{ plan: 'referral-premier', startsOn, endsOn: undefined }];
  if (index === 3) return [{ plan: 'referral-premier', startsOn, endsOn: addMonths(startsOn, 12) - 1 }];
  return [];
}

const steps = ['Sign the agreement', 'Portal account', 'Kick-off call', 'First account plan'];
const courses = ['Platform foundations', 'Insights for advisers', 'Automate certification', 'Selling to facilities'];
const content = ['Battle card', 'ROI calculator', 'Case study: Marrow Logistics', 'Pricing guide'];

function writeEnablement(
  setting: Setting,
  partner: Partner,
  random: Random,
  sheets: Sheets,
  counter: { event: number },
): void {
  const last = Math.min(setting.lastDay, partner.quietFrom ?? setting.lastDay, partner.ended ?? setting.lastDay);
  const write = (kind: string, item: string, day: Day, status: string) => {
    if (day > last) return;
    sheets.write('enablement', {
      event_id: `EN-${++counter.event}`,
      partner_id: partner.id,
      kind,
      item,
      occurred_at: toInstant(at(day, random.whole(9 * 3600, 17 * 3600))),
      status,
    });
  };
  let day = partner.joined;
  for (const step of steps) {
    day += random.whole(1, 16);
    write('onboarding_step', step, day, random.chance(0.9) ? 'completed' : 'started');
    if (random.chance(0.06)) break;
  }
  for (const course of courses)
    if (random.chance(partner.tier === 'bronze' ? 0.4 : 0.75)) {
      const start = partner.joined + random.whole(20, 240);
      write('training', course, start, 'started');
      if (random.chance(0.8)) write('training', course, start + random.whole(3, 40), 'completed');
    }
  for (const item of content)
    if (random.chance(0.35)) write('content', item, partner.joined + random.whole(10, 400), 'completed');
}

/** Whether evidence at an instant is dated after the partner ended (an end date is that whole day). */
export function hasEnded(partner: Partner, moment: number): boolean {
  return partner.ended !== undefined && moment >= at(partner.ended, 0) + DAY_SECONDS;
}
