// The journey of a deal: marketing, sales and partner touches inside its window, and some after its close.

import { referenceOf } from './accounts.ts';
import { at, type Day, dayOf, type Moment, toInstant, toLocalInstant } from './calendar.ts';
import { journeyStart } from './deals.ts';
import { otherPartner, type Scene } from './evidence.ts';
import type { Partner } from './partners.ts';
import type { Random } from './random.ts';
import { type Account, anyTime, journeyEnd, officeTime, type World } from './world.ts';

type Kind = { readonly channel: string; readonly kind: string; readonly campaign?: string };

const marketing: readonly Kind[] = [
  { channel: 'paid_search', kind: 'ad_click', campaign: 'brand-search' },
  { channel: 'paid_search', kind: 'ad_click', campaign: 'field-service-software' },
  { channel: 'organic_search', kind: 'page_view' },
  { channel: 'organic_search', kind: 'page_view' },
  { channel: 'content', kind: 'content_download', campaign: 'state-of-field-ops' },
  { channel: 'email', kind: 'email_click', campaign: 'monthly-digest' },
  { channel: 'email', kind: 'email_click', campaign: 'nurture' },
  { channel: 'webinar', kind: 'webinar_attended', campaign: 'dispatch-in-a-day' },
  { channel: 'event', kind: 'event_met', campaign: 'field-ops-summit' },
  { channel: 'social', kind: 'ad_click', campaign: 'customer-stories' },
  { channel: 'website', kind: 'form_fill' },
];
const sales: readonly Kind[] = [
  { channel: 'sales', kind: 'call' },
  { channel: 'sales', kind: 'call' },
  { channel: 'sales', kind: 'email_reply' },
  { channel: 'sales', kind: 'meeting' },
  { channel: 'sales', kind: 'demo' },
];
const partnerKinds: Record<Partner['motion'], readonly Kind[]> = {
  referral: [
    { channel: 'partner', kind: 'referral_click' },
    { channel: 'partner', kind: 'introduction' },
    { channel: 'partner', kind: 'partner_meeting' },
  ],
  co_sell: [
    { channel: 'partner', kind: 'co_sell_call' },
    { channel: 'partner', kind: 'partner_meeting' },
    { channel: 'event', kind: 'event_met', campaign: 'partner-roadshow' },
  ],
  reseller: [
    { channel: 'partner', kind: 'partner_meeting' },
    { channel: 'partner', kind: 'quote' },
  ],
};

/** Every touch kind, for the `custom` method's weights. */
export const touchKinds = [...marketing, ...sales, ...Object.values(partnerKinds).flat()].map(({ kind }) => kind);

const SILENT_SHARE = 0.05;

/**
 * Writes a deal's touches. `claims` are the moments at which partner evidence is a touch too: where nothing else sources
 * the deal, somebody who is no partner came first.
 */
export function writeTouches(scene: Scene, claims: readonly Moment[]): void {
  const { world, random, deal, siblings } = scene;
  const rule = deal.sourcing?.rule;
  if (claims.length === 0 && (!rule || rule === 'crm_field') && random.chance(SILENT_SHARE)) return;
  let start = journeyStart(random, deal, siblings);
  if (!rule || rule === 'carry_forward')
    for (const claim of claims) start = Math.min(start, dayOf(claim) - random.whole(1, 8));
  if (rule === 'first_touch') start = Math.max(start, deal.sourcing!.partner.joined + 1);
  const first = anyTime(random, start);
  if (rule === 'first_touch') {
    const { partner } = deal.sourcing!;
    const kind = partnerKinds[partner.motion][0]!;
    const touchpoint_id = writeTouch(scene, { moment: first, kind, partner });
    deal.sourcing = { partner, rule, evidence: touchpoint_id };
    deal.touchedBy.add(partner);
  } else writeTouch(scene, { moment: first, kind: random.pick(marketing), partner: undefined });
  const end = journeyEnd(world, deal);
  for (let count = random.whole(4, 13); count > 0; count--) writeOwnTouch(scene, start, end);
  for (const partner of drawHelpers(scene)) {
    const count = random.whole(1, partner === deal.sourcing?.partner ? 3 : 2);
    for (let touch = 0; touch < count; touch++) writePartnerTouch(scene, partner, start, end);
  }
  if (deal.isWon && random.chance(0.3)) writeAfterClose(scene);
}

/** The sourcing partner itself, mostly, and others that help. */
function drawHelpers(scene: Scene): Partner[] {
  const { world, random, deal } = scene;
  const helpers: Partner[] = [];
  if (deal.sourcing && random.chance(deal.sourcing.rule === 'carry_forward' ? 0.35 : 0.85))
    helpers.push(deal.sourcing.partner);
  for (const chance of deal.kind === 'new' ? [0.27, 0.07] : [0.12])
    if (random.chance(chance)) {
      const partner = otherPartner(world, random, deal);
      if (partner) helpers.push(partner);
    }
  return [...new Set(helpers)];
}

/** A marketing touch before the deal was created, or mostly a sales touch afterwards. */
function writeOwnTouch(scene: Scene, start: Day, end: Moment): void {
  const { random, deal } = scene;
  const day = random.whole(start + 1, dayOf(end));
  const isSales = day >= dayOf(deal.created) ? random.chance(0.7) : random.chance(0.18);
  const moment = isSales ? officeTime(random, day) : anyTime(random, day);
  if (moment < end) writeTouch(scene, { moment, kind: random.pick(isSales ? sales : marketing), partner: undefined });
}

function writePartnerTouch(scene: Scene, partner: Partner, start: Day, end: Moment): void {
  const from = Math.max(start, partner.joined) + 1;
  if (from > dayOf(end)) return;
  const moment = officeTime(scene.random, scene.random.whole(from, dayOf(end)));
  if (moment >= end) return;
  writeTouch(scene, { moment, kind: scene.random.pick(partnerKinds[partner.motion]), partner });
  scene.deal.touchedBy.add(partner);
}

/** Touches after the close: counted, never credited. */
function writeAfterClose(scene: Scene): void {
  const { world, random, deal } = scene;
  const moment = officeTime(random, dayOf(deal.closed!) + random.whole(3, 60));
  if (moment < world.setting.now)
    writeTouch(scene, { moment, kind: { channel: 'sales', kind: 'call' }, partner: undefined });
}

type Touch = { moment: Moment; kind: Kind; partner: Partner | undefined };

/** Writes one touch; a partner's touch names its deal wherever the account has another one. Returns its id. */
function writeTouch({ world, random, deal, siblings }: Scene, touch: Touch): string {
  const mustName = touch.partner !== undefined && siblings.length > 1;
  const touchpoint_id = world.nextId('T');
  world.sheets.write('touchpoints', {
    touchpoint_id,
    occurred_at: random.chance(0.06) ? toLocalInstant(touch.moment) : toInstant(touch.moment),
    ...touchTarget(random, deal.account, mustName || random.chance(0.4) ? deal.id : undefined),
    channel: touch.kind.channel,
    partner_id: touch.partner?.id,
    kind: touch.kind.kind,
    campaign: touch.kind.campaign,
  });
  return touchpoint_id;
}

function touchTarget(random: Random, account: Account, deal_id: string | undefined) {
  const contact = random.chance(0.6) ? random.pick(account.contacts).id : undefined;
  const isContactOnly = contact !== undefined && random.chance(0.3);
  return { deal_id, contact_id: contact, account_id: isContactOnly ? undefined : referenceOf(random, account) };
}

/** Touches of an account that never had a deal. */
export function writeStrayTouches(world: World, random: Random, account: Account, from: Day): void {
  for (let count = random.whole(2, 7); count > 0; count--) {
    const day = Math.min(world.setting.lastDay, from + random.whole(0, 90));
    const partner = random.chance(0.1) ? world.partners.draw(random, day, account.isEuropean) : undefined;
    const kind = partner
      ? random.pick(partnerKinds[partner.motion])
      : random.pick(random.chance(0.2) ? sales : marketing);
    world.sheets.write('touchpoints', {
      touchpoint_id: world.nextId('T'),
      occurred_at: toInstant(at(day, random.whole(6 * 3600, 20 * 3600))),
      ...touchTarget(random, account, undefined),
      channel: kind.channel,
      partner_id: partner?.id,
      kind: kind.kind,
      campaign: kind.campaign,
    });
  }
}
