// The deals of one account over time: first purchase, expansions, renewals, second chances. Decides what happens, writes nothing.
import { addMonths, at, DAY_SECONDS, type Day, dayOf, type Moment, workday } from './calendar.ts';
import { drawContract, expansionOf, renewalOf } from './contracts.ts';
import { reps } from './names.ts';
import { hasEnded } from './partners.ts';
import type { Random } from './random.ts';
import { windows } from './setting.ts';
import { type Account, type Contract, type Deal, type Intent, type OwnRule, officeTime, type World } from './world.ts';

/** Share of new business that partners bring, at the first and at the last day of the 24 months. */
const PARTNER_SHARE_FIRST = 0.26;
const PARTNER_SHARE_LAST = 0.56;
const WIN_ALONE = 0.33;
const WIN_SOURCED = 0.44;
const RENEWED_BY_PARTNER = 0.5;
const CHURN_IN_TERM = 0.04;

type Plan = { world: World; random: Random; account: Account; deals: Deal[] };

/** Deals of an account whose first deal is created on a day. A customer from before the 24 months starts with a won deal. */
export function planDeals(plan: Plan, created: Day, isLegacy: boolean): Deal[] {
  const first = addDeal(plan, {
    kind: 'new',
    createdDay: created,
    cycle: cycleDays(plan),
    winRate: isLegacy ? 1 : undefined,
    contract: drawContract(plan.random, plan.account, isLegacy),
    intent: drawIntent(plan, created, isLegacy),
  });
  if (first?.isWon) followCustomer(plan, first);
  else if (first?.closed && plan.random.chance(0.14)) secondChance(plan, first.closed);
  for (const deal of plan.deals) settleIntent(plan.world, plan.deals, deal);
  for (const deal of plan.deals) deal.sourcing = sourcingOf(plan.deals, deal);
  return plan.deals;
}

function secondChance(plan: Plan, closed: Moment): void {
  const createdDay = dayOf(closed) + plan.random.whole(190, 320);
  const deal = addDeal(plan, {
    kind: 'new',
    createdDay,
    cycle: cycleDays(plan),
    contract: drawContract(plan.random, plan.account, false),
    intent: drawIntent(plan, createdDay, false),
  });
  if (deal?.isWon) followCustomer(plan, deal);
}

/** Expansion in the first year, then a renewal a year for as long as the customer stays. */
function followCustomer(plan: Plan, first: Deal): void {
  const { random } = plan;
  if (random.chance(0.26)) {
    const createdDay = dayOf(first.closed!) + random.whole(130, 235);
    const hasOwn = random.chance(0.1);
    addDeal(plan, {
      kind: 'expansion',
      createdDay,
      cycle: random.whole(14, 40),
      winRate: 0.64,
      contract: expansionOf(random, first.contract),
      intent: hasOwn ? drawIntent(plan, createdDay, false, 1) : undefined,
    });
  }
  let current = first;
  for (let year = 0; year < 4; year++) {
    if (random.chance(CHURN_IN_TERM)) return;
    const termEnd = addMonths(dayOf(current.closed!), 12);
    const createdDay = termEnd - random.whole(40, 75);
    const closeDay = termEnd + random.whole(-12, 6);
    const renewal = addDeal(plan, {
      kind: 'renewal',
      createdDay,
      cycle: closeDay - createdDay,
      winRate: 0.87,
      contract: renewalOf(random, current.contract),
      intent: random.chance(RENEWED_BY_PARTNER) ? renewalIntent(plan, first, createdDay) : undefined,
    });
    if (!renewal?.isWon) return;
    current = renewal;
  }
}

/** The partner of the first deal works on the renewal too, and sales notes it in the CRM. */
function renewalIntent({ random }: Plan, first: Deal, day: Day): Intent | undefined {
  if (!first.intent || day > first.intent.partner.activeTo) return undefined;
  return { partner: first.intent.partner, rule: random.chance(0.6) ? 'crm_field' : 'partner_lead' };
}

type DealPlan = {
  kind: Deal['kind'];
  createdDay: Day;
  cycle: number;
  winRate?: number | undefined;
  contract: Contract;
  intent: Intent | undefined;
};

/** Adds a deal unless it would be created after the business clock. Open when its close lies beyond it. */
function addDeal({ world, random, account, deals }: Plan, plan: DealPlan): Deal | undefined {
  const createdDay = workday(plan.createdDay);
  if (createdDay > world.setting.lastDay - 1) return undefined;
  const created = officeTime(random, createdDay);
  const closeDay = workday(createdDay + Math.max(9, plan.cycle));
  const isClosed = closeDay <= world.setting.lastDay;
  const winRate = plan.winRate ?? (plan.intent ? WIN_SOURCED : WIN_ALONE);
  const deal: Deal = {
    id: world.nextId('D'),
    account,
    kind: plan.kind,
    created,
    closed: isClosed ? at(closeDay, random.whole(9 * 3600, 19 * 3600)) : undefined,
    isWon: isClosed && random.chance(winRate),
    contract: plan.contract,
    owner: random.pick(reps),
    intent: plan.intent,
    sourcing: undefined,
    touchedBy: new Set(),
  };
  deals.push(deal);
  return deal;
}

/** Days from creation to close: skewed, longer for large companies. */
function cycleDays({ random, account }: Plan): number {
  const size = account.segment === 'enterprise' ? 1.6 : account.segment === 'mid' ? 1.15 : 0.85;
  return Math.round(Math.min(190, Math.max(9, 42 * size * Math.exp(0.5 * random.normal()))));
}

/** Whether a partner brings the deal, which one and by which evidence. */
function drawIntent(plan: Plan, day: Day, isLegacy: boolean, certainty = 0): Intent | undefined {
  const { world, random, account } = plan;
  const { firstDay, endDay } = world.setting;
  const time = Math.min(1, Math.max(0, (day - firstDay) / (endDay - firstDay)));
  const share = PARTNER_SHARE_FIRST + (PARTNER_SHARE_LAST - PARTNER_SHARE_FIRST) * time;
  if (!random.chance(Math.max(share, certainty))) return undefined;
  const partner = world.partners.draw(random, day, account.isEuropean);
  if (!partner || account.partner) return undefined;
  return { partner, rule: drawRule(random, partner.motion, isLegacy || certainty > 0) };
}

function drawRule(random: Random, motion: string, isSimple: boolean): OwnRule {
  const draw = random.next();
  if (draw < 0.56) return 'deal_registration';
  if (draw < 0.8) return 'partner_lead';
  return draw < 0.91 || motion !== 'referral' || isSimple ? 'crm_field' : 'first_touch';
}

/** Takes back what the evidence could not show: a decision still to come, or an account with another deal open. */
function settleIntent(world: World, deals: readonly Deal[], deal: Deal): void {
  if (deal.intent?.rule !== 'deal_registration') return;
  if (deal.created + 8 * DAY_SECONDS > world.setting.now) deal.intent = undefined;
  const isContested = deals.some(
    (other) => other.created < deal.created && (other.closed ?? world.setting.now) > deal.created - 42 * DAY_SECONDS,
  );
  if (deal.intent && isContested) deal.intent = { partner: deal.intent.partner, rule: 'crm_field' };
}

/** Own evidence, else inherited from the latest won deal with own evidence (fine-print 11). */
function sourcingOf(deals: readonly Deal[], deal: Deal): Deal['sourcing'] {
  if (deal.intent) return { ...deal.intent, evidence: deal.id };
  const origin = deals
    .filter((other) => other.isWon && other.intent && other.closed! <= deal.created)
    .sort((a, b) => b.closed! - a.closed!)[0];
  if (!origin) return undefined;
  const { partner } = origin.intent!;
  const isInTime = dayOf(deal.created) < addMonths(dayOf(origin.closed!), windows.carryMonths);
  return isInTime && !hasEnded(partner, deal.created)
    ? { partner, rule: 'carry_forward', evidence: origin.id }
    : undefined;
}

/** The span in which a deal's touches are placed: not before an earlier deal of the account was closed. */
export function journeyStart(random: Random, deal: Deal, siblings: readonly Deal[]): Day {
  const longest = deal.kind === 'renewal' ? 55 : deal.kind === 'expansion' ? 50 : 140;
  const drawn = dayOf(deal.created) - random.whole(6, longest);
  const earlier = siblings.filter((other) => other !== deal && other.created < deal.created);
  const bound = Math.max(...earlier.map((other) => dayOf(other.closed ?? other.created) + 1), 0);
  return Math.min(Math.max(drawn, bound), dayOf(deal.created) - 1);
}
