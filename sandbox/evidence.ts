// The evidence for who sourced a deal, written so that it says what was decided: registrations, partner leads, and the
// claims that lose (late, rejected, lapsed, undecided, not net new).

import { referenceOf } from './accounts.ts';
import { at, DAY_SECONDS, type Day, dayOf, type Moment, toDate, toInstant, workday } from './calendar.ts';
import { freeMail, reps } from './names.ts';
import type { Partner } from './partners.ts';
import type { Random } from './random.ts';
import { windows } from './setting.ts';
import { type Deal, isAloneInWindow, journeyEnd, officeTime, type World } from './world.ts';

export type Scene = {
  readonly world: World;
  readonly random: Random;
  readonly deal: Deal;
  /** All deals of the account, this one included. */
  readonly siblings: readonly Deal[];
};

const HOUR = 3_600;

/** Writes all claims on a deal; returns the moments at which they are touches of the journey. */
export function writeEvidence(scene: Scene): Moment[] {
  const { deal, random } = scene;
  const touches: Moment[] = [];
  if (deal.account.partner) touches.push(writeSelfReferral(scene, deal.account.partner));
  if (deal.intent?.rule === 'deal_registration') touches.push(writeWinningRegistration(scene, deal.intent.partner));
  if (deal.intent?.rule === 'partner_lead') touches.push(writeWinningLead(scene, deal.intent.partner));
  if (deal.intent?.rule === 'first_touch') return touches;
  if (random.chance(deal.intent ? 0.16 : 0.09)) touches.push(...writeLosingRegistration(scene));
  if (random.chance(0.05)) touches.push(...writeLosingLead(scene));
  return touches;
}

/** How a claim points at the deal: by deal, by account, or by domain alone where no other deal could be meant. */
function pointer({ world, random, deal, siblings }: Scene, moment: Moment) {
  const isAlone = isAloneInWindow(world, deal, siblings, moment);
  const draw = random.next();
  if (!isAlone || draw < 0.45) return { deal_id: deal.id, account_id: referenceOf(random, deal.account) };
  if (draw < 0.8 || !deal.account.domain) return { account_id: referenceOf(random, deal.account) };
  return { domain: deal.account.domain };
}

/** A day before a deal was created, but not before the partner joined. */
function daysBefore(deal: Deal, partner: Partner, days: number): Day {
  return Math.max(dayOf(deal.created) - days, partner.joined + 1);
}

function writeWinningRegistration(scene: Scene, partner: Partner): Moment {
  const { world, random, deal } = scene;
  const isWithinGrace = random.chance(0.07);
  const submitted = isWithinGrace
    ? deal.created + random.whole(2, 44) * HOUR
    : officeTime(random, daysBefore(deal, partner, random.whole(3, 38)));
  const decided = submitted + random.whole(2, 110) * HOUR + random.whole(0, 3599);
  const isUndated = !isWithinGrace && random.chance(0.03);
  const protectionEnds = random.chance(0.7) ? decided + random.pick([90, 90, 120]) * DAY_SECONDS : undefined;
  const hasLapsed = protectionEnds !== undefined && protectionEnds < world.setting.now && !isUndated;
  const registration_id = world.nextId('R');
  world.sheets.write('deal_registrations', {
    registration_id,
    partner_id: partner.id,
    ...pointer(scene, submitted),
    submitted_at: toInstant(submitted),
    decided_at: isUndated ? undefined : toInstant(decided),
    status: hasLapsed && random.chance(0.45) ? 'expired' : 'approved',
    protection_ends_at: protectionEnds === undefined ? undefined : toInstant(protectionEnds),
  });
  deal.sourcing = { partner, rule: 'deal_registration', evidence: registration_id };
  deal.touchedBy.add(partner);
  return submitted;
}

/** A partner registers its own purchase: an approved claim in time that never sources. */
function writeSelfReferral({ world, random, deal }: Scene, partner: Partner): Moment {
  const submitted = officeTime(random, dayOf(deal.created) - random.whole(4, 10));
  world.sheets.write('deal_registrations', {
    registration_id: world.nextId('R'),
    partner_id: partner.id,
    deal_id: deal.id,
    account_id: deal.account.id,
    submitted_at: toInstant(submitted),
    decided_at: toInstant(submitted + random.whole(3, 40) * HOUR),
    status: 'approved',
  });
  deal.touchedBy.add(partner);
  return submitted;
}

function writeWinningLead(scene: Scene, partner: Partner): Moment {
  const { world, random, deal } = scene;
  const submitted = officeTime(random, daysBefore(deal, partner, random.whole(3, windows.lead - 20)));
  const status = random.chance(0.85) ? 'converted' : 'working';
  const lead_id = writeLead(scene, { partner, submitted, status });
  deal.sourcing = { partner, rule: 'partner_lead', evidence: lead_id };
  deal.touchedBy.add(partner);
  if (random.chance(0.08)) {
    const rival = otherPartner(world, random, deal);
    const later = submitted + random.whole(5, 70) * HOUR;
    if (rival && later < deal.created) {
      writeLead(scene, { partner: rival, submitted: later, status: 'working' });
      deal.touchedBy.add(rival);
    }
  }
  return submitted;
}

/** A partner's lead that names a deal or its account; returns its id. */
function writeLead(scene: Scene, lead: { partner: Partner; submitted: Moment; status: string }): string {
  const { world, random, deal } = scene;
  const { account } = deal;
  const person = random.pick(account.contacts).email;
  const target = pointer(scene, lead.submitted);
  const isMailOnly = target.domain !== undefined && random.chance(0.5);
  const lead_id = world.nextId('L');
  world.sheets.write('leads', {
    lead_id,
    partner_id: lead.partner.id,
    ...(isMailOnly ? {} : target),
    email: isMailOnly
      ? person
      : random.chance(0.1)
        ? `buyer.${lead_id.toLowerCase()}@${random.pick(freeMail)}`
        : person,
    submitted_at: toInstant(lead.submitted),
    status: lead.status,
    first_response_at: responseTo(world, random, lead.submitted),
    owner: deal.owner,
  });
  return lead_id;
}

/** When sales first answered a lead: mostly within hours, sometimes days, now and then never. */
function responseTo(world: World, random: Random, submitted: Moment): string | undefined {
  const hours = Math.exp(1.7 + 1.25 * random.normal());
  const answered = submitted + Math.round(hours * HOUR);
  return random.chance(0.05) || answered > world.setting.now ? undefined : toInstant(answered);
}

/** A partner active when the deal was made, other than the one that sourced it. */
export function otherPartner(world: World, random: Random, deal: Deal): Partner | undefined {
  for (let attempt = 0; attempt < 5; attempt++) {
    const partner = world.partners.draw(random, dayOf(deal.created), deal.account.isEuropean);
    if (partner && partner !== deal.sourcing?.partner) return partner;
  }
  return undefined;
}

type Claim = { submitted: Moment; decided?: Moment | undefined; status: string; protectionEnds?: Moment };

/** A registration that does not source the deal, and a touch of the journey where it was approved. */
function writeLosingRegistration(scene: Scene): Moment[] {
  const { world, random, deal } = scene;
  const partner = otherPartner(world, random, deal);
  const claim = drawLosingClaim(scene);
  if (!partner || !claim || claim.submitted > world.setting.now) return [];
  if (dayOf(claim.submitted) < partner.joined) return [];
  const isDecided = claim.decided !== undefined && claim.decided <= world.setting.now;
  const status = claim.decided !== undefined && !isDecided ? 'pending' : claim.status;
  world.sheets.write('deal_registrations', {
    registration_id: world.nextId('R'),
    partner_id: partner.id,
    deal_id: deal.id,
    account_id: deal.account.id,
    submitted_at: toInstant(claim.submitted),
    decided_at: isDecided ? toInstant(claim.decided!) : undefined,
    status,
    protection_ends_at: claim.protectionEnds === undefined ? undefined : toInstant(claim.protectionEnds),
  });
  if (status !== 'approved' && !(status === 'expired' && isDecided)) return [];
  deal.touchedBy.add(partner);
  return [claim.submitted];
}

function drawLosingClaim(scene: Scene): Claim | undefined {
  const { random, deal } = scene;
  const created = dayOf(deal.created);
  const end = dayOf(journeyEnd(scene.world, deal));
  const answered = (moment: Moment) => moment + random.whole(20, 90) * HOUR;
  const kind = random.pick(['rejected', 'rejected', 'pending', 'lapsed', 'late', 'late', 'undecided'] as const);
  if (kind === 'rejected' || kind === 'pending') {
    const submitted = officeTime(random, created - random.whole(2, 30));
    return kind === 'rejected'
      ? { submitted, decided: answered(submitted), status: 'rejected' }
      : { submitted, status: created > dayOf(scene.world.setting.now) - 60 ? 'pending' : 'expired' };
  }
  if (kind === 'lapsed') {
    if (deal.kind !== 'new' || isSecond(scene)) return undefined;
    const submitted = officeTime(random, created - random.whole(125, 158));
    const decided = answered(submitted);
    return { submitted, decided, status: 'expired', protectionEnds: decided + windows.protection * DAY_SECONDS };
  }
  if (kind === 'late') {
    const submitted = officeTime(random, created + random.whole(4, 20));
    return dayOf(submitted) + 6 > end ? undefined : { submitted, decided: answered(submitted), status: 'approved' };
  }
  if (deal.closed === undefined) return undefined;
  const submitted = officeTime(random, created - random.whole(2, 6));
  return { submitted, decided: deal.closed + random.whole(24, 120) * HOUR, status: 'approved' };
}

function isSecond({ deal, siblings }: Scene): boolean {
  return siblings.some((other) => other.created < deal.created);
}

/** A partner's lead that does not source the deal: rejected, or older than the window. */
function writeLosingLead(scene: Scene): Moment[] {
  const { world, random, deal } = scene;
  const partner = otherPartner(world, random, deal);
  if (!partner) return [];
  const isOld = deal.kind === 'new' && !isSecond(scene) && random.chance(0.5);
  const day: Day = dayOf(deal.created) - (isOld ? random.whole(100, 158) : random.whole(3, 60));
  if (day < partner.joined) return [];
  const submitted = at(workday(day), random.whole(8 * HOUR, 18 * HOUR));
  writeLead(scene, { partner, submitted, status: isOld ? 'working' : 'rejected' });
  if (!isOld) return [];
  deal.touchedBy.add(partner);
  return [submitted];
}

/** Inbound leads of accounts without a partner, and leads that led nowhere. */
export function writeStrayLead(
  world: World,
  random: Random,
  lead: { accountId: string; email: string; day: Day; partner: Partner | undefined },
): void {
  const submitted = officeTime(random, lead.day);
  const isFresh = lead.day > world.setting.lastDay - 12;
  world.sheets.write('leads', {
    lead_id: world.nextId('L'),
    partner_id: lead.partner?.id,
    account_id: lead.accountId,
    email: lead.email,
    submitted_at: toInstant(submitted),
    status: isFresh ? 'new' : random.pick(['working', 'rejected', 'rejected', 'new']),
    first_response_at: isFresh && random.chance(0.5) ? undefined : responseTo(world, random, submitted),
    owner: random.pick(reps),
  });
}

/** A registration for an account that never became a deal. */
export function writeStrayRegistration(
  world: World,
  random: Random,
  registration: { accountId: string; day: Day; partner: Partner },
): void {
  const submitted = officeTime(random, registration.day);
  const decided = submitted + random.whole(4, 160) * HOUR;
  const isDecided = decided <= world.setting.now;
  world.sheets.write('deal_registrations', {
    registration_id: world.nextId('R'),
    partner_id: registration.partner.id,
    account_id: registration.accountId,
    submitted_at: random.chance(0.1) ? toDate(dayOf(submitted)) : toInstant(submitted),
    decided_at: isDecided ? toInstant(decided) : undefined,
    status: isDecided ? random.pick(['approved', 'rejected', 'expired']) : 'pending',
    protection_ends_at: isDecided ? toInstant(decided + windows.protection * DAY_SECONDS) : undefined,
  });
}
