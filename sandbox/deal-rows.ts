// Writes a deal as the CRM holds it: the deal, its stages, its people, and now and then a duplicate merged into it.

import { referenceOf } from './accounts.ts';
import { amountText } from './billing.ts';
import { at, DAY_SECONDS, dayOf, toDate, toInstant } from './calendar.ts';
import { dealAmount, resellerOf } from './contracts.ts';
import { otherPartner } from './evidence.ts';
import type { Random } from './random.ts';
import type { Deal, World } from './world.ts';

const stages = ['discovery', 'evaluation', 'proposal', 'negotiation'] as const;
const productTitles = {
  platform: 'Platform',
  insights: 'Insights',
  automate: 'Automate',
  usage: 'Usage',
  services: 'Services',
} as const;
const roles = ['decision_maker', 'champion', 'user', 'finance'] as const;

/** Writes a deal whose sourcing is settled. */
export function writeDeal(world: World, random: Random, deal: Deal): void {
  const { account } = deal;
  const product = deal.contract.monthly[0]!.product;
  const isAmountMissing = deal.isWon ? random.chance(0.004) : random.chance(0.03);
  const amount = isAmountMissing ? undefined : dealAmount(deal);
  const stage = deal.closed === undefined ? stages[Math.min(3, ageStep(world, deal))]! : deal.isWon ? 'won' : 'lost';
  const isDateOnly = random.chance(0.05);
  const row = {
    account_id: referenceOf(random, account),
    name: dealName(deal, productTitles[product]),
    created_at: toInstant(deal.created),
    lead_created_at: leadCreated(random, deal),
    amount: amount === undefined ? undefined : amountText(amount),
    currency: account.currency,
    owner: deal.owner,
    product,
    kind: deal.kind,
  };
  world.sheets.write('deals', {
    deal_id: deal.id,
    ...row,
    stage,
    closed_at: closedAt(random, deal, isDateOnly),
    is_closed: String(deal.closed !== undefined),
    is_won: String(deal.isWon),
    source_partner_id: partnerField(world, random, deal),
    reseller_partner_id: resellerOf(deal)?.id,
  });
  if (random.chance(0.003))
    world.sheets.write('deals', {
      deal_id: world.nextId('D'),
      ...row,
      stage: 'discovery',
      is_closed: 'false',
      is_won: 'false',
      merged_into: deal.id,
    });
  if (deal.isWon) world.truth.recordBooking(deal, account.currency, amount ?? 0n);
  writeStages(world, random, deal, stage);
  for (const contact of account.contacts.slice(0, random.whole(0, 3)))
    world.sheets.write('deal_contacts', {
      deal_id: deal.id,
      contact_id: contact.id,
      role: random.pick(roles),
      is_primary: String(contact === account.contacts[0]),
    });
}

function dealName({ account, kind, created }: Deal, product: string): string {
  if (kind === 'renewal') return `${account.name} – Renewal ${toDate(dayOf(created)).slice(0, 4)}`;
  return kind === 'expansion' ? `${account.name} – ${product} expansion` : `${account.name} – ${product}`;
}

function ageStep(world: World, deal: Deal): number {
  return Math.floor((world.setting.now - deal.created) / (12 * DAY_SECONDS));
}

/** An open deal has an expected close now and then; some systems give a close as a date. */
function closedAt(random: Random, deal: Deal, isDateOnly: boolean): string | undefined {
  if (deal.closed === undefined)
    return random.chance(0.3) ? toDate(dayOf(deal.created) + random.whole(60, 200)) : undefined;
  return isDateOnly ? toDate(dayOf(deal.closed)) : toInstant(deal.closed);
}

function leadCreated(random: Random, deal: Deal): string | undefined {
  if (deal.kind !== 'new' || random.chance(0.2)) return undefined;
  return toInstant(at(dayOf(deal.created) - random.whole(1, 40), random.whole(7 * 3600, 20 * 3600)));
}

/** The CRM's own partner field: decisive for `crm_field`, a copy or now and then a contradiction elsewhere. */
function partnerField(world: World, random: Random, deal: Deal): string | undefined {
  const { sourcing } = deal;
  if (sourcing?.rule === 'crm_field') return sourcing.partner.id;
  if (sourcing?.rule !== 'deal_registration' && sourcing?.rule !== 'partner_lead') return undefined;
  if (random.chance(0.03)) return otherPartner(world, random, deal)?.id;
  return random.chance(0.45) ? sourcing.partner.id : undefined;
}

function writeStages(world: World, random: Random, deal: Deal, stage: string): void {
  const end = deal.closed ?? world.setting.now;
  const passed = deal.closed === undefined ? stages.slice(0, stages.indexOf(stage as 'discovery') + 1) : stages;
  const step = (end - deal.created) / (passed.length + 1);
  for (const [index, name] of passed.entries()) {
    const moment = deal.created + Math.floor(step * index * (0.8 + 0.2 * random.next()));
    world.sheets.write('deal_stages', { deal_id: deal.id, stage: name, entered_at: toInstant(moment) });
  }
  if (deal.closed !== undefined)
    world.sheets.write('deal_stages', { deal_id: deal.id, stage, entered_at: toInstant(deal.closed) });
}
