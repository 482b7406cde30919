// What a deal sells: seats, products, billing cycle and the amounts that follow. All amounts can be quartered without rest.
import type { Partner } from './partners.ts';
import type { Random } from './random.ts';
import { type ProductName, seatPrices } from './setting.ts';
import type { Account, Contract, Deal } from './world.ts';

/** Down to a multiple of four minor units, so that each quarter of it is whole. */
export function quarterable(amount: bigint): bigint {
  return (amount / 4n) * 4n;
}

/** Share billed monthly, and share billed monthly or quarterly; the others pay a year in advance. */
const cycleShares = { smb: [0.84, 0.88], mid: [0.62, 0.86], enterprise: [0.45, 0.92] } as const;

export function drawContract(random: Random, account: Account, isLegacy: boolean): Contract {
  const [low, high, discount] = {
    smb: [10, 45, random.whole(0, 8)] as const,
    mid: [45, 140, random.whole(5, 20)] as const,
    enterprise: [150, 330, random.whole(18, 38)] as const,
  }[account.segment];
  const seats = BigInt(random.whole(low, high));
  const products: (keyof typeof seatPrices)[] = ['platform'];
  if (random.chance(0.42)) products.push('insights');
  if (random.chance(account.segment === 'smb' ? 0.15 : 0.38)) products.push('automate');
  const draw = random.next();
  const [monthly, quarterly] = cycleShares[account.segment];
  return {
    cycle: draw < monthly ? 'monthly' : draw < quarterly ? 'quarterly' : 'annual',
    monthly: products.map((product) => {
      const list = seats * seatPrices[product];
      return { product: product as ProductName, list, net: quarterable((list * BigInt(100 - discount)) / 100n) };
    }),
    services: !isLegacy && random.chance(0.4) ? BigInt(random.whole(3, 24)) * 49_500n : 0n,
  };
}

export function renewalOf(random: Random, contract: Contract): Contract {
  const change = BigInt(random.whole(94, 116));
  return { ...contract, services: 0n, monthly: contract.monthly.map((line) => scaled(line, change)) };
}

export function expansionOf(random: Random, contract: Contract): Contract {
  const share = BigInt(random.whole(18, 55));
  return { ...contract, services: 0n, monthly: contract.monthly.slice(-1).map((line) => scaled(line, share)) };
}

function scaled(line: Contract['monthly'][number], percent: bigint): Contract['monthly'][number] {
  return {
    product: line.product,
    net: quarterable((line.net * percent) / 100n),
    list: quarterable((line.list * percent) / 100n),
  };
}

/** The reseller that took control of a deal: its sourcing partner, where that is one. */
export function resellerOf(deal: Deal): Partner | undefined {
  const partner = deal.sourcing?.partner;
  return partner?.motion === 'reseller' ? partner : undefined;
}

/** Net of one month of a line. A reseller buys a fifth below the list price and keeps the difference. */
export function monthlyNet(deal: Deal, line: Contract['monthly'][number]): bigint {
  return resellerOf(deal) ? quarterable((line.list * 4n) / 5n) : line.net;
}

/** Net of a line for `months` at once; a year in advance costs a tenth less. */
export function netFor(deal: Deal, line: Contract['monthly'][number], months: number): bigint {
  const net = monthlyNet(deal, line) * BigInt(months);
  return months === 12 && !resellerOf(deal) ? quarterable((net * 9n) / 10n) : net;
}

export const monthsPerInvoice = { monthly: 1, quarterly: 3, annual: 12 } as const;

/** What the deal is worth in its first year, net. */
export function dealAmount(deal: Deal): bigint {
  const { contract } = deal;
  const months = monthsPerInvoice[contract.cycle];
  const invoices = BigInt(12 / months);
  return contract.monthly.reduce((sum, line) => sum + netFor(deal, line, months) * invoices, contract.services);
}
