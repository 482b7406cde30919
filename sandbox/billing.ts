// What customers are billed: billing customers and how they link to accounts, subscriptions, invoices and their lines.
import { formatAmount } from '../core/money.ts';
import { addMonths, at, type Day, dayOf, toDate, toInstant, toLocalInstant, workday } from './calendar.ts';
import { monthlyNet, monthsPerInvoice, netFor, quarterable, resellerOf } from './contracts.ts';
import { type Invoice, settleInvoice } from './payments.ts';
import type { Random } from './random.ts';
import type { ProductName } from './setting.ts';
import type { Account, Deal, World } from './world.ts';

/** How an invoice finds its deal. */
type InvoiceLink = 'subscription' | 'deal' | 'account';

export type Customer = {
  readonly id: string;
  readonly account: Account;
  readonly link: InvoiceLink;
  /** Percent of net that tax adds. */
  readonly taxPercent: bigint;
  readonly paysByCard: boolean;
  readonly dueDays: number;
};

const USAGE_SHARE = 0.75;

export function amountText(minor: bigint): string {
  return formatAmount(minor, 2);
}

/** Bills every won deal of an account: one customer record, a subscription per deal, invoices until the term or a cancellation ends. */
export function writeBilling(world: World, random: Random, account: Account, deals: readonly Deal[]): void {
  const won = deals.filter((deal) => deal.isWon);
  const [first] = won;
  if (!first) return;
  const customer = writeCustomer(world, random, account, won);
  for (const deal of won) {
    const subscription = writeSubscription(world, random, customer, deal, won);
    for (const invoice of scheduleOf(world, customer, deal, subscription))
      settleInvoice(world, random, { customer, invoice });
    for (const invoice of usageOf(world, random, customer, deal, subscription))
      settleInvoice(world, random, { customer, invoice });
  }
}

function writeCustomer(world: World, random: Random, account: Account, won: readonly Deal[]): Customer {
  const first = won[0]!;
  const reseller = resellerOf(first);
  const id = world.nextId('CU');
  const draw = random.next();
  const mode =
    draw < 0.72 || !account.domain || reseller ? 'id' : draw < 0.84 ? 'domain' : draw < 0.91 ? 'email' : 'name';
  const email = account.contacts[0]!.email;
  world.sheets.write('billing_customers', {
    customer_id: id,
    account_id: mode === 'id' ? account.id : undefined,
    partner_id: reseller?.id,
    name: mode === 'name' ? account.name.toUpperCase() : (reseller?.name ?? account.name),
    email: mode === 'id' ? email : mode === 'email' ? email : undefined,
    domain: mode === 'domain' ? account.domain : undefined,
    country: account.country,
    created_at: toInstant(first.closed!),
  });
  const isSmall = account.segment === 'smb';
  const hasTax = random.chance(account.isEuropean ? 0.5 : 0.35);
  const taxPercent = hasTax ? BigInt(account.isEuropean ? random.pick([19, 20, 21]) : random.whole(5, 9)) : 0n;
  const linkDraw = random.next();
  return {
    id,
    account,
    link: linkDraw < 0.62 ? 'subscription' : linkDraw < 0.9 || won.length > 1 ? 'deal' : 'account',
    taxPercent,
    paysByCard: isSmall && random.chance(0.6),
    dueDays: isSmall ? 14 : account.segment === 'mid' ? 30 : 45,
  };
}

type Subscription = { readonly id: string; readonly start: Day; readonly cancelled: Day | undefined };

function writeSubscription(
  world: World,
  random: Random,
  customer: Customer,
  deal: Deal,
  won: readonly Deal[],
): Subscription {
  const start = dayOf(deal.closed!) + random.whole(0, 6);
  const termEnd = addMonths(start, 12);
  const isRenewed = won.some((other) => other.created > deal.created && other.kind === 'renewal');
  const leavesEarly = !isRenewed && deal.contract.cycle === 'monthly' && random.chance(0.12);
  const end = leavesEarly ? start + random.whole(60, 300) : termEnd;
  const cancelled = (leavesEarly || !isRenewed) && end <= world.setting.lastDay ? end : undefined;
  const id = world.nextId('S');
  const monthly = deal.contract.monthly.reduce((sum, line) => sum + monthlyNet(deal, line), 0n);
  world.sheets.write('subscriptions', {
    subscription_id: id,
    customer_id: customer.id,
    deal_id: customer.link === 'subscription' || (customer.link === 'deal' && random.chance(0.8)) ? deal.id : undefined,
    started_at: toInstant(at(start, 12 * 3600)),
    cancelled_at: cancelled === undefined ? undefined : toInstant(at(cancelled, 17 * 3600)),
    mrr_amount: amountText(monthly),
    currency: customer.account.currency,
    status: cancelled === undefined ? 'active' : 'cancelled',
  });
  return { id, start, cancelled };
}

/** The invoices of a deal's first year, as far as they were issued; those paid before the 24 months are left out later. */
function* scheduleOf(world: World, customer: Customer, deal: Deal, subscription: Subscription): Generator<Invoice> {
  const step = monthsPerInvoice[deal.contract.cycle];
  for (let month = 0; month < 12; month += step) {
    const issued = addMonths(subscription.start, month);
    if (issued > world.setting.lastDay || (subscription.cancelled ?? issued + 1) <= issued) return;
    const lines = deal.contract.monthly.map((line) => {
      const net = netFor(deal, line, step);
      return lineOf(customer, line.product, net, line.list * BigInt(step), [issued, addMonths(issued, step)]);
    });
    if (month === 0 && deal.contract.services > 0n)
      lines.push(lineOf(customer, 'services', deal.contract.services, deal.contract.services, undefined));
    yield { deal, issued, dueDay: issued + customer.dueDays, lines, subscriptionId: subscription.id };
  }
}

/** Usage beyond what was bought ahead, billed month by month. */
function* usageOf(
  world: World,
  random: Random,
  customer: Customer,
  deal: Deal,
  subscription: Subscription,
): Generator<Invoice> {
  if (deal.contract.cycle === 'monthly' || !random.chance(USAGE_SHARE)) return;
  const monthly = deal.contract.monthly.reduce((sum, line) => sum + line.net, 0n);
  for (let month = 1; month <= 12; month++) {
    const issued = addMonths(subscription.start, month) + 1;
    if (issued > world.setting.lastDay || (subscription.cancelled ?? issued + 1) <= issued) return;
    const net = quarterable((monthly * BigInt(random.whole(2, 9))) / 100n);
    const lines = [lineOf(customer, 'usage', net, net, undefined)];
    yield { deal, issued, dueDay: issued + customer.dueDays, lines, subscriptionId: subscription.id };
  }
}

function lineOf(
  customer: Customer,
  product: ProductName,
  net: bigint,
  list: bigint,
  period: readonly [Day, Day] | undefined,
): Invoice['lines'][number] {
  return { product, net, list, period, tax: quarterable((net * customer.taxPercent) / 100n) };
}

/** Writes an invoice with its lines; returns its ids. */
export function writeInvoice(
  world: World,
  random: Random,
  { customer, invoice, status, voided }: { customer: Customer; invoice: Invoice; status: string; voided?: Day },
): { invoiceId: string; lineIds: string[] } {
  const invoiceId = world.nextId('INV');
  const { deal, issued } = invoice;
  const issuedAt = at(issued, random.whole(5 * 3600, 21 * 3600));
  world.sheets.write('invoices', {
    invoice_id: invoiceId,
    customer_id: customer.id,
    deal_id: customer.link === 'deal' ? deal.id : undefined,
    subscription_id: customer.link === 'account' ? undefined : invoice.subscriptionId,
    issued_at: random.chance(0.1)
      ? toDate(issued)
      : random.chance(0.08)
        ? toLocalInstant(issuedAt)
        : toInstant(issuedAt),
    due_at: toDate(invoice.dueDay),
    voided_at: voided === undefined ? undefined : toInstant(at(workday(voided), 11 * 3600)),
    status,
    currency: customer.account.currency,
  });
  const hasList = resellerOf(deal) !== undefined;
  const lineIds = invoice.lines.map((line) => {
    const line_id = world.nextId('LI');
    world.sheets.write('invoice_lines', {
      line_id,
      invoice_id: invoiceId,
      product: line.product,
      amount: amountText(line.net),
      tax_amount: customer.taxPercent > 0n ? amountText(line.tax) : undefined,
      list_amount: hasList ? amountText(line.list) : undefined,
      period_start: line.period && toDate(line.period[0]),
      period_end: line.period && toDate(line.period[1]),
    });
    return line_id;
  });
  return { invoiceId, lineIds };
}
