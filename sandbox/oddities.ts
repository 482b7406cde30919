// What every real company has and no model likes: money that finds no deal, two companies with one domain, deals without an
// account, opportunities entered twice, payments not yet applied, partners that buy for themselves.
import { amountText } from './billing.ts';
import { at, type Day, toDate, toInstant, workday } from './calendar.ts';
import { createRandom, type Random } from './random.ts';
import { writeStory } from './story.ts';
import { officeTime, type World } from './world.ts';

const STREAM_ODDITIES = 0x7fff0006;
const ACCOUNTS_PER_ODDITY = 300;

/** Writes the odd but valid records; how many follows the size of the company. */
export function writeOddities(world: World): void {
  const random = createRandom(world.setting.seed, STREAM_ODDITIES);
  const repeats = Math.ceil(world.setting.accounts / ACCOUNTS_PER_ODDITY);
  for (const [order, index] of [10, 22].entries())
    writeStory(world, world.setting.accounts + order, world.partners.all[index]!);
  for (let repeat = 0; repeat < repeats; repeat++) {
    writeSharedDomain(world, random, repeat);
    writeStranger(world, random, repeat);
    writeUnknownDeal(world, random);
    writeDealWithoutAccount(world, random);
    writeEnteredTwice(world, random, repeat);
    writeUnapplied(world, random);
  }
}

function drawDay(world: World, random: Random): Day {
  return workday(random.whole(world.setting.firstDay + 60, world.setting.lastDay - 60));
}

type LooseInvoice = { customer_id: string; issued: Day; dealId?: string; isPaidTwice?: boolean };

/** An invoice that finds no deal: a line, and mostly its payment. */
function writeLooseInvoice(
  world: World,
  random: Random,
  { customer_id, issued, dealId, isPaidTwice }: LooseInvoice,
): void {
  const net = BigInt(random.whole(180, 2_400)) * 396n;
  const paidDay = workday(issued + random.whole(6, 40));
  const invoice_id = world.nextId('INV');
  const isPaid = isPaidTwice || random.chance(0.85);
  world.sheets.write('invoices', {
    invoice_id,
    customer_id,
    deal_id: dealId,
    issued_at: toInstant(at(issued, 12 * 3600)),
    due_at: toDate(issued + 30),
    status: isPaid ? 'paid' : 'open',
    currency: 'USD',
  });
  world.sheets.write('invoice_lines', {
    line_id: world.nextId('LI'),
    invoice_id,
    product: 'services',
    amount: amountText(net),
  });
  for (let payment = 0; payment < (isPaidTwice ? 2 : isPaid ? 1 : 0); payment++)
    world.sheets.write('payments', {
      payment_id: world.nextId('PY'),
      invoice_id,
      paid_at: toInstant(at(paidDay, (15 + payment) * 3600)),
      amount: amountText(net),
      currency: 'USD',
      status: 'succeeded',
    });
  const whole = { quarters: 4, kind: 'payment' } as const;
  world.truth.recordInvoice({
    deal: undefined,
    currency: 'USD',
    lines: [{ product: 'services', net }],
    invoiced: [{ day: issued, ...whole }],
    paid: isPaid ? [{ day: paidDay, ...whole }] : [],
  });
}

const groups = ['Haldane', 'Corbett', 'Linwood', 'Marchetti', 'Ashford', 'Tolliver'];

/** Two sister companies with one domain; the customer gives only the domain, so that its link is ambiguous. */
function writeSharedDomain(world: World, random: Random, repeat: number): void {
  const group = `${groups[repeat % groups.length]}${repeat < groups.length ? '' : ` ${repeat}`}`;
  const domain = `${group.toLowerCase().replaceAll(' ', '-')}-group.example`;
  const created_at = toInstant(officeTime(random, world.setting.firstDay - 30));
  for (const name of [`${group} Holdings`, `${group} Real Estate`])
    world.sheets.write('accounts', {
      account_id: world.nextId('A'),
      name,
      domain,
      country: 'US',
      segment: 'mid',
      created_at,
    });
  const customer_id = world.nextId('CU');
  world.sheets.write('billing_customers', { customer_id, name: `${group} Group`, domain, country: 'US', created_at });
  for (let invoice = random.whole(1, 3); invoice > 0; invoice--)
    writeLooseInvoice(world, random, { customer_id, issued: drawDay(world, random) });
}

/** A customer known to billing alone: free mail, a name that no account has. */
function writeStranger(world: World, random: Random, repeat: number): void {
  const customer_id = world.nextId('CU');
  world.sheets.write('billing_customers', {
    customer_id,
    name: `Workshop attendee ${repeat + 1}`,
    email: `workshop.attendee.${repeat + 1}@gmail.com`,
    country: 'US',
    created_at: toInstant(officeTime(random, world.setting.firstDay)),
  });
  for (let invoice = random.whole(1, 2); invoice > 0; invoice--)
    writeLooseInvoice(world, random, { customer_id, issued: drawDay(world, random), isPaidTwice: invoice === 2 });
}

/** An invoice that names a deal nobody knows stays unlinked; it is never guessed. */
function writeUnknownDeal(world: World, random: Random): void {
  const customer_id = world.nextId('CU');
  world.sheets.write('billing_customers', {
    customer_id,
    name: `Legacy customer ${customer_id.slice(3)}`,
    country: 'US',
  });
  writeLooseInvoice(world, random, {
    customer_id,
    issued: drawDay(world, random),
    dealId: `OLD-${random.whole(100, 999)}`,
  });
}

type LooseDeal = { account_id?: string; name: string; created: Day; source_partner_id?: string };

function writeOpenDeal(world: World, random: Random, deal: LooseDeal): string {
  const deal_id = world.nextId('D');
  const { created, ...columns } = deal;
  world.sheets.write('deals', {
    deal_id,
    ...columns,
    created_at: toInstant(officeTime(random, created)),
    stage: 'discovery',
    is_closed: 'false',
    is_won: 'false',
    amount: amountText(BigInt(random.whole(40, 300)) * 10_000n),
    currency: 'USD',
    owner: 'Tom Ellison',
    product: 'platform',
    kind: 'new',
  });
  world.truth.recordSourcing({ dealId: deal_id });
  return deal_id;
}

/** A deal without an account, with touches that name it; its partner field names nobody. */
function writeDealWithoutAccount(world: World, random: Random): void {
  const created = world.setting.lastDay - random.whole(20, 90);
  const deal_id = writeOpenDeal(world, random, {
    name: `Trade fair contact ${random.whole(10, 99)} – Platform`,
    created,
    ...(random.chance(0.5) ? { source_partner_id: 'P-999' } : {}),
  });
  for (let count = random.whole(1, 4); count > 0; count--)
    world.sheets.write('touchpoints', {
      touchpoint_id: world.nextId('T'),
      occurred_at: toInstant(officeTime(random, created + random.whole(0, 15))),
      deal_id,
      channel: 'event',
      kind: 'event_met',
      campaign: 'field-ops-summit',
    });
}

/**
 * One opportunity entered by two people: same account, same product, both open. Reported, never merged by guess. A partner
 * registers the second while the first is open: the claim is not net new, and somebody who is no partner came first.
 */
function writeEnteredTwice(world: World, random: Random, repeat: number): void {
  const account_id = world.nextId('A');
  const name = `Twinbrook ${['Supply', 'Clinics', 'Freight'][repeat % 3]} ${repeat + 1}`;
  const created = workday(world.setting.lastDay - random.whole(25, 70));
  world.sheets.write('accounts', {
    account_id,
    name,
    country: 'US',
    segment: 'smb',
    created_at: toInstant(officeTime(random, created - 20)),
  });
  const deal = { account_id, name: `${name} – Platform` };
  writeOpenDeal(world, random, { ...deal, created });
  const deal_id = writeOpenDeal(world, random, { ...deal, created: created + 7 });
  const partner = world.partners.draw(random, created, false);
  if (!partner) return;
  world.sheets.write('touchpoints', {
    touchpoint_id: world.nextId('T'),
    occurred_at: toInstant(officeTime(random, created) + 12 * 3600),
    deal_id,
    channel: 'organic_search',
    kind: 'page_view',
  });
  const submitted = officeTime(random, created + 3);
  world.sheets.write('deal_registrations', {
    registration_id: world.nextId('R'),
    partner_id: partner.id,
    deal_id,
    account_id,
    submitted_at: toInstant(submitted),
    decided_at: toInstant(submitted + random.whole(4, 40) * 3600),
    status: 'approved',
  });
}

/** Money received that nobody has applied to an invoice yet: a line of the reconciliation, not revenue. */
function writeUnapplied(world: World, random: Random): void {
  world.sheets.write('payments', {
    payment_id: world.nextId('PY'),
    paid_at: toInstant(at(drawDay(world, random), 14 * 3600)),
    amount: amountText(BigInt(random.whole(200, 4_000)) * 125n),
    currency: 'USD',
    status: 'succeeded',
  });
}
