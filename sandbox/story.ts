// One account from first touch to last payment. Each account has a random sequence of its own, so that one more or one
// changed account leaves the others as they are.
import { writeAccount } from './accounts.ts';
import { writeBilling } from './billing.ts';
import { type Day, dayOf, toInstant } from './calendar.ts';
import { writeDeal } from './deal-rows.ts';
import { planDeals } from './deals.ts';
import { writeEvidence, writeStrayLead, writeStrayRegistration } from './evidence.ts';
import type { Partner } from './partners.ts';
import { createRandom, type Random } from './random.ts';
import { writeStrayTouches, writeTouches } from './touches.ts';
import { type Account, type Deal, officeTime, type World } from './world.ts';

const LEGACY_SHARE = 0.13;
const PROSPECT_SHARE = 0.2;

/** Writes account number `index` with everything that hangs on it. `partner` makes it a partner's own company. */
export function writeStory(world: World, index: number, partner?: Partner): void {
  const random = createRandom(world.setting.seed, index);
  const draw = partner ? 1 : random.next();
  const isLegacy = draw < LEGACY_SHARE;
  const start = isLegacy ? world.setting.firstDay - random.whole(75, 400) : world.drawDemand(random);
  const account = writeAccount(world, random, index, start - random.whole(20, 200), partner);
  const isProspect = !isLegacy && draw < LEGACY_SHARE + PROSPECT_SHARE;
  const deals = isProspect ? [] : planDeals({ world, random, account, deals: [] }, start, isLegacy);
  if (isProspect) writeProspect(world, random, account, start);
  else if (random.chance(0.22)) writeInbound(world, random, account, start);
  for (const deal of deals) {
    const scene = { world, random, deal, siblings: deals };
    writeTouches(scene, writeEvidence(scene));
    writeDeal(world, random, deal);
  }
  writeBilling(world, random, account, deals);
  writeOverlaps(world, random, account, deals);
  for (const { id, sourcing } of deals)
    world.truth.recordSourcing(
      sourcing
        ? { dealId: id, partnerId: sourcing.partner.id, rule: sourcing.rule, evidenceId: sourcing.evidence }
        : { dealId: id },
    );
}

function writeProspect(world: World, random: Random, account: Account, start: Day): void {
  writeStrayTouches(world, random, account, start);
  const day = Math.min(world.setting.lastWorkday, start + random.whole(5, 60));
  const partner = world.partners.draw(random, day, account.isEuropean);
  const lead = { accountId: account.id, email: account.contacts[0]!.email, day };
  if (random.chance(0.35))
    writeStrayLead(world, random, { ...lead, partner: random.chance(0.45) ? partner : undefined });
  if (partner && random.chance(0.16)) writeStrayRegistration(world, random, { accountId: account.id, day, partner });
}

/** A lead without a partner that came before the deal. */
function writeInbound(world: World, random: Random, account: Account, start: Day): void {
  writeStrayLead(world, random, {
    accountId: account.id,
    email: account.contacts[0]!.email,
    day: Math.min(world.setting.lastWorkday, start - random.whole(1, 30)),
    partner: undefined,
  });
}

/** What partners' own customer lists say about the account. */
function writeOverlaps(world: World, random: Random, account: Account, deals: readonly Deal[]): void {
  if (!random.chance(0.45)) return;
  const known = new Set<Partner>(deals.flatMap((deal) => (deal.sourcing ? [deal.sourcing.partner] : [])));
  for (let count = random.whole(1, 3); count > 0; count--) {
    const day = random.whole(world.setting.firstDay, world.setting.lastDay);
    const partner = world.partners.draw(random, day, account.isEuropean);
    if (partner) known.add(partner);
  }
  for (const partner of known)
    world.sheets.write('account_overlaps', {
      partner_id: partner.id,
      ...(account.domain && random.chance(0.4) ? { domain: account.domain } : { account_id: account.id }),
      partner_population: random.pick(['customer', 'customer', 'open_opportunity', 'prospect']),
      first_seen_at: toInstant(officeTime(random, overlapDay(world, random, deals))),
    });
}

function overlapDay(world: World, random: Random, deals: readonly Deal[]): Day {
  const from = deals[0] ? dayOf(deals[0].created) : world.setting.firstDay;
  return random.whole(Math.min(from, world.setting.lastDay - 30), world.setting.lastDay - 3);
}
