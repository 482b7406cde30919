// The sandbox company: the same bytes every time and everywhere, records that refer to each other, a truth that adds up.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { allocate, parseAmount } from '../../core/money.ts';
import { type StreamName, streamNames, streams } from '../../core/streams.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { root, temporaryDirectory } from '../workspace.ts';
import { digests, type Record_, readCsv } from './sheets.ts';

let directory: string;
let sheets: Record<StreamName, Record_[]>;
const truth = (name: string) => readCsv(join(directory, 'truth', `${name}.csv`));
const sum = (values: Iterable<bigint>) => [...values].reduce((total, value) => total + value, 0n);
const sumOf = (rows: readonly Record_[], column: string) => sum(rows.map((row) => BigInt(row[column]!)));
const isRefused = (id: string | undefined) => /-X\d+/.test(id ?? '');

beforeAll(() => {
  directory = temporaryDirectory();
  generateCompany({ directory, size: 'S' });
  sheets = Object.fromEntries(
    streamNames.map((name) => [name, readCsv(join(directory, 'sheets', `${name}.csv`))]),
  ) as typeof sheets;
});

describe('the same company', () => {
  test('same seed: same bytes, whatever the time zone and locale of the process', () => {
    const again = temporaryDirectory();
    const { status } = spawnSync(process.execPath, [join(root, 'sandbox', 'generate.ts'), '--out', again], {
      env: { ...process.env, TZ: 'Pacific/Kiritimati', LC_ALL: 'de_DE.UTF-8' },
    });
    expect(status).toBe(0);
    expect(digests(again)).toEqual(digests(directory));
  });

  test('another seed: another company', () => {
    const other = temporaryDirectory();
    generateCompany({ directory: other, seed: 99 });
    expect(digests(other)['/sheets/deals.csv']).not.toBe(digests(directory)['/sheets/deals.csv']);
  });

  test('another clock: the 24 months before it, and nothing after it', () => {
    const other = temporaryDirectory();
    generateCompany({ directory: other, asOf: '2027-05-01T12:00:00Z', size: { accounts: 150, partners: 20 } });
    const paid = readCsv(join(other, 'sheets', 'payments.csv')).map((row) => Date.parse(row.paid_at!));
    expect(Math.max(...paid)).toBeLessThan(Date.parse('2027-05-01T12:00:00Z'));
    expect(Math.max(...paid)).toBeGreaterThan(Date.parse('2027-04-15T00:00:00Z'));
    expect(Math.min(...paid)).toBeGreaterThan(Date.parse('2025-05-01T00:00:00Z'));
  });
});

describe('a coherent company', () => {
  test('S is about a thousand deals and ten thousand touches', () => {
    expect(sheets.deals.length).toBeGreaterThan(850);
    expect(sheets.deals.length).toBeLessThan(1250);
    expect(sheets.touchpoints.length / sheets.deals.length).toBeGreaterThan(9);
    expect(sheets.partners.length).toBe(46);
    for (const name of streamNames) expect(sheets[name].length, name).toBeGreaterThan(0);
  });

  test('four times the accounts: about four times the records', () => {
    const counts = [150, 600].map(
      (accounts) => generateCompany({ directory: temporaryDirectory(), size: { accounts, partners: 46 } }).counts,
    );
    for (const name of ['deals', 'touchpoints', 'payments', 'invoices', 'contacts'] as const) {
      const ratio = counts[1]![name] / counts[0]![name];
      expect(ratio, name).toBeGreaterThan(2.8);
      expect(ratio, name).toBeLessThan(5.6);
    }
  });

  test('every reference resolves, but for the records that are to be refused and the ones known to dangle', () => {
    const dangling: string[] = [];
    for (const name of streamNames)
      for (const column of streams[name].columns) {
        if (!column.references) continue;
        const target = column.references;
        const ids = new Set(sheets[target].map((row) => row[streams[target].key[0]!]));
        for (const row of sheets[name]) {
          const value = row[column.name];
          const key = row[streams[name].key[0]!];
          if (value && !ids.has(value) && !isRefused(key)) dangling.push(`${name}.${column.name} ${value}`);
        }
      }
    const known = /^(invoices\.deal_id OLD-\d+|deals\.source_partner_id P-999)$/;
    expect(dangling.filter((text) => !known.test(text))).toEqual([]);
    expect(dangling.length).toBeGreaterThan(0);
  });

  test('keys are unique, but for exact repeats and the conflicting pair', () => {
    for (const name of streamNames) {
      const seen = new Map<string, string>();
      for (const row of sheets[name]) {
        const key = streams[name].key.map((column) => row[column]).join('|');
        const body = JSON.stringify(row);
        if (seen.has(key) && !isRefused(key)) expect(seen.get(key), `${name} ${key}`).toBe(body);
        seen.set(key, body);
      }
    }
  });

  test('names and domains tell companies apart', () => {
    const own = sheets.accounts.filter((row) => !row.merged_into);
    expect(new Set(own.map((row) => row.name)).size).toBe(own.length);
    const domains = own.map((row) => row.domain!).filter(Boolean);
    const shared = domains.filter((domain, index) => domains.indexOf(domain) !== index);
    expect(shared.every((domain) => domain.endsWith('-group.example'))).toBe(true);
  });

  test('few records are to be refused: below the share that would halt a run, in every stream', () => {
    const refused = truth('quarantine');
    for (const name of streamNames) {
      const count = refused.filter((row) => row.stream === name).length;
      expect(count / sheets[name].length, name).toBeLessThan(0.01);
    }
    expect(refused.length).toBeGreaterThan(10);
  });

  test('nothing happens after the business clock', () => {
    const now = Date.parse('2026-11-02T06:00:00Z');
    const columns = { touchpoints: 'occurred_at', payments: 'paid_at', invoices: 'issued_at', leads: 'submitted_at' };
    for (const [name, column] of Object.entries(columns))
      for (const row of sheets[name as StreamName])
        expect(Date.parse(row[column]!) || 0, `${name} ${row[column]}`).toBeLessThanOrEqual(now);
  });
});

describe('the truth', () => {
  test('every deal has one row, and every rule of sourcing occurs', () => {
    const rows = truth('deal_sourcing');
    const merged = new Set(sheets.deals.filter((row) => row.merged_into).map((row) => row.deal_id));
    const ids = sheets.deals.map((row) => row.deal_id!).filter((id) => !merged.has(id) && !isRefused(id));
    expect(rows.map((row) => row.deal_id).sort()).toEqual(ids.map((id) => `sheets:${id}`).sort());
    const rules = new Set(rows.map((row) => row.rule));
    expect([...rules].sort()).toEqual(
      ['', 'carry_forward', 'crm_field', 'deal_registration', 'first_touch', 'partner_lead'].sort(),
    );
  });

  test("partners' revenue adds up to what the company says is sourced", () => {
    const revenue = truth('revenue_monthly');
    const partners = truth('partner_revenue_monthly');
    for (const basis of ['booked', 'invoiced', 'paid'])
      for (const currency of ['USD', 'EUR']) {
        const of = (rows: Record_[]) => rows.filter((row) => row.basis === basis && row.currency === currency);
        expect(sumOf(of(partners), 'sourced_minor')).toBe(sumOf(of(revenue), 'sourced_minor'));
        expect(sumOf(of(partners), 'sourced_minor')).toBeGreaterThan(0n);
      }
  });

  test('commission: months add up to totals, payouts are those of the sheet, closing is what is left', () => {
    const months = truth('commission_monthly');
    const payouts = sheets.payouts;
    for (const row of truth('commission')) {
      const own = months.filter((month) => month.partner_id === row.partner_id && month.currency === row.currency);
      for (const column of ['accrued_minor', 'clawed_back_minor', 'paid_minor'])
        expect(sumOf(own, column)).toBe(BigInt(row[column]!));
      const paid = payouts.filter(
        (payout) => `sheets:${payout.partner_id}` === row.partner_id && payout.currency === row.currency,
      );
      expect(sum(paid.map((payout) => parseAmount(payout.amount!, 2)))).toBe(BigInt(row.paid_minor!));
      expect(BigInt(row.closing_minor!)).toBe(
        BigInt(row.accrued_minor!) - BigInt(row.clawed_back_minor!) - BigInt(row.paid_minor!),
      );
    }
    expect(sumOf(truth('commission'), 'clawed_back_minor')).toBeGreaterThan(0n);
  });

  test('paid revenue is what the records of billing say (fine-print 19, folded again from the sheets)', () => {
    const totals = { USD: 0n, EUR: 0n };
    for (const invoice of sheets.invoices) {
      if (invoice.status === 'void' || isRefused(invoice.invoice_id)) continue;
      totals[invoice.currency as 'USD'] += paidNet(invoice.invoice_id!);
    }
    const paid = truth('revenue_monthly').filter((row) => row.basis === 'paid');
    for (const currency of ['USD', 'EUR'] as const)
      expect(
        sumOf(
          paid.filter((row) => row.currency === currency),
          'total_minor',
        ),
        currency,
      ).toBe(totals[currency]);
  });
});

/** What an invoice has earned net of tax by now: its paid position, split over (net, tax) of its lines. */
function paidNet(invoiceId: string): bigint {
  const lines = linesOf().get(invoiceId) ?? [];
  const cells = lines.flatMap((line) => [minor(line.amount), minor(line.tax_amount)]);
  const payments = (paymentsOf().get(invoiceId) ?? []).filter((row) => row.status === 'succeeded');
  let cash = 0n;
  for (const payment of payments) {
    const own = (adjustmentsOf().get(payment.payment_id!) ?? []).filter((row) => !isRefused(row.adjustment_id));
    let returned = 0n;
    for (const { kind, amount } of own)
      if (kind === 'refund' || kind === 'dispute_lost') returned += minor(amount);
      else if (kind === 'dispute_won') returned -= returned < minor(amount) ? returned : minor(amount);
    cash += minor(payment.amount) - returned;
  }
  const credited = sum(
    (adjustmentsOf().get(invoiceId) ?? []).filter((row) => row.kind === 'credit_note').map((row) => minor(row.amount)),
  );
  const total = sum(cells);
  const position = cash < total - credited ? cash : total - credited;
  return sum(allocate(position, cells).filter((_, index) => index % 2 === 0));
}

const minor = (text: string | undefined) => (text ? parseAmount(text, 2) : 0n);

function grouped(stream: StreamName, keyOf: (row: Record_) => string | undefined): () => Map<string, Record_[]> {
  let groups: Map<string, Record_[]> | undefined;
  return () => {
    groups ??= Map.groupBy(
      sheets[stream].filter((row) => keyOf(row) && !isRefused(row[streams[stream].key[0]!])),
      (row) => keyOf(row)!,
    );
    return groups;
  };
}

const linesOf = grouped('invoice_lines', (row) => row.invoice_id);
const paymentsOf = grouped('payments', (row) => row.invoice_id);
const adjustmentsOf = grouped('payment_adjustments', (row) => row.payment_id || row.invoice_id);
