// A small vendor for the suite's own proof: customers that tell of their deletion, orders that vanish in silence, lines inside
// orders of which only two are sent inline. Stamps are late by up to a minute.
import { type Answer, commonTraps, type SandboxRequest, startServer } from '../../../sandbox/servers/server.ts';
import type { ContractServer, Random } from '../fixture.ts';

type Line = { id: string; product: string; amount: number };
type Stamped = { updated: number; visible: number };
type Customer = Stamped & { id: string; name: string | null; is_deleted: boolean };
type Order = Stamped & { id: string; customer: string; status: unknown; issued: number; lines: Line[] };

const pageSize = 4;
const inlineLines = 2;
const token = 'canary-vendor-token-4711';

/** Starts the vendor; `open` state for the fixture's changes lives in here. */
export async function startVendor({ now, random }: { now: () => number; random: Random }): Promise<ContractServer> {
  const customers = new Map<string, Customer>();
  const orders = new Map<string, Order>();
  let number = 100;
  const stamp = (): Stamped => ({ updated: now(), visible: now() + Math.floor(random() * 60_000) });
  const newId = (prefix: string) => `${prefix}-${++number}`;
  const lineOf = (chance: Random): Line => ({
    id: newId('line'),
    product: 'core',
    amount: Math.floor(chance() * 1000),
  });
  const addCustomer = () => {
    const id = newId('customer');
    customers.set(id, { id, name: `Company ${id}`, is_deleted: false, ...stamp() });
    return id;
  };
  const addOrder = (chance: Random) => {
    const id = newId('order');
    const lines = Array.from({ length: 1 + Math.floor(chance() * 4) }, () => lineOf(chance));
    const customer = pick([...customers.keys()], chance);
    orders.set(id, { id, customer, status: 'open', issued: now() - 86_400_000, lines, ...stamp() });
    return id;
  };
  for (let index = 0; index < 13; index++) addCustomer();
  for (let index = 0; index < 30; index++) addOrder(random);
  for (const record of [...customers.values(), ...orders.values()]) {
    record.updated -= Math.floor(random() * 5) * 86_400_000;
    record.visible = record.updated;
  }

  const server = await startServer({
    now,
    trapEvery: 5,
    trapAt: 3,
    before: ({ headers }) =>
      headers.authorization === `Bearer ${token}`
        ? undefined
        : { status: 401, body: { message: `no key ${headers.authorization}` } },
    routes: [
      { method: 'GET', path: '/customers', answer: (request) => listed(request, customers, (customer) => customer) },
      {
        method: 'GET',
        path: '/orders',
        answer: (request) =>
          listed(request, orders, (order) => ({
            ...order,
            lines: order.lines.slice(0, inlineLines),
            line_count: order.lines.length,
          })),
      },
      {
        method: 'GET',
        path: '/orders/:id/lines',
        answer: ({ parameters }) => {
          const order = orders.get(parameters.id!);
          return order ? { body: { data: order.lines } } : { status: 404, body: {} };
        },
      },
      { method: 'GET', path: '/order_ids', answer: (request) => keys(request) },
    ],
  });

  /** Ids in byte order inside `[from, to)` of the stamps that can be seen already. */
  function listed<Kind extends Stamped & { id: string }>(
    { query }: SandboxRequest,
    kept: Map<string, Kind>,
    shown: (record: Kind) => object,
  ): Answer {
    const [from, to] = [Number(query.get('from')), Number(query.get('to'))];
    const found = [...kept.values()]
      .filter(
        ({ id, updated, visible }) =>
          updated >= from && updated < to && visible <= now() && id > (query.get('after') ?? ''),
      )
      .sort((left, right) => (left.id < right.id ? -1 : 1));
    const page = found.slice(0, pageSize);
    const more = found.length > pageSize;
    const repeated = server.has('repeated_token') ? query.get('after') : undefined;
    return {
      body: {
        data: page.map((record) => withoutVisible(shown(record))),
        next: more ? repeated || page.at(-1)!.id : null,
      },
    };
  }

  function keys({ query }: SandboxRequest): Answer {
    const found = [...orders.keys()].sort().filter((id) => id > (query.get('after') ?? ''));
    const page = found.slice(0, 10);
    return { body: { data: page.map((id) => ({ id })), next: found.length > 10 ? page.at(-1) : null } };
  }

  const touch = (record: Stamped) => Object.assign(record, stamp());
  const changes: Record<string, (chance: Random) => string> = {
    'new customer': () => addCustomer(),
    'new order': (chance) => addOrder(chance),
    'renamed customer': (chance) => {
      const customer = pick([...customers.values()], chance);
      Object.assign(customer, { name: `Renamed ${Math.floor(chance() * 1000)}` });
      touch(customer);
      return customer.id;
    },
    'deleted customer': (chance) => {
      const unused = [...customers.values()].filter(
        ({ id }) => ![...orders.values()].some(({ customer }) => customer === id),
      );
      if (unused.length < 3) return addCustomer();
      const customer = pick(unused, chance);
      customer.is_deleted = true;
      touch(customer);
      return customer.id;
    },
    'vanished order': (chance) => {
      if (orders.size < 24) return addOrder(chance);
      const { id } = pick([...orders.values()], chance);
      orders.delete(id);
      return id;
    },
    'changed lines': (chance) => {
      const order = pick([...orders.values()], chance);
      order.lines = [...order.lines.slice(1), lineOf(chance)].map((line) =>
        chance() < 0.3 ? { ...line, amount: line.amount + 1 } : line,
      );
      touch(order);
      return order.id;
    },
  };

  return {
    options: { base_url: server.url, token },
    traps: commonTraps.filter((trap) => !['html_with_200', 'expired_token'].includes(trap)),
    fatal_traps: ['html_with_200', 'repeated_token'],
    arm: (traps) => server.rearm(new Set(traps)),
    change(chance) {
      const [name, change] = pick(Object.entries(changes), chance);
      return `${name} ${change(chance)}`;
    },
    expected: () => ({
      billing_customers: [...customers.values()].filter(({ is_deleted }) => !is_deleted).map(({ id }) => id),
      invoices: [...orders.keys()],
      invoice_lines: [...orders.values()].flatMap(({ lines }) => lines.map(({ id }) => id)),
    }),
    breakRecord() {
      const order = [...orders.values()][5]!;
      order.status = null;
      touch(order);
      return { stream: 'invoices', key: order.id };
    },
    breakEverything() {
      for (const order of orders.values()) touch(Object.assign(order, { status: { name: 'open' } }));
    },
    mend() {
      for (const order of orders.values()) if (order.status !== 'open') touch(Object.assign(order, { status: 'open' }));
    },
    close: () => server.close(),
  };
}

function withoutVisible(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== 'visible'));
}

function pick<Value>(values: readonly Value[], random: Random): Value {
  return values[Math.floor(random() * values.length)]!;
}
