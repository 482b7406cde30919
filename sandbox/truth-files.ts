// The truth as CSV files beside the workspace's sheets. Ids are canonical (`sheets:D-1001`), amounts are minor units.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { toMonth } from './calendar.ts';
import { sourceName } from './setting.ts';
import type { SourcingTruth, Truth } from './truth.ts';
import { createCsv, type Row } from './writers.ts';

const canonical = (id: string | undefined) => (id === undefined ? undefined : `${sourceName}:${id}`);

/** truth/deal_sourcing.csv: one row a deal, blank where nobody sourced it. */
export function createSourcingFile(directory: string) {
  mkdirSync(directory, { recursive: true });
  const file = createCsv(join(directory, 'deal_sourcing.csv'), ['deal_id', 'partner_id', 'rule', 'evidence_id']);
  return {
    write: ({ dealId, partnerId, rule, evidenceId }: SourcingTruth) =>
      file.write({
        deal_id: canonical(dealId),
        partner_id: canonical(partnerId),
        rule,
        evidence_id: canonical(evidenceId),
      }),
    close: () => file.close(),
  };
}

/** Records that must be refused at the edge or by a reference check. */
export type RefusedTruth = { readonly stream: string; readonly recordId: string };

/** Writes what was summed up: commission in total and by month, revenue, partners' revenue, refused records. */
export function writeTruthFiles(directory: string, truth: Truth, refused: readonly RefusedTruth[]): void {
  writeTable(directory, 'commission', [...commissionTotals(truth)]);
  writeTable(directory, 'commission_monthly', [...commissionMonths(truth)]);
  writeTable(directory, 'revenue_monthly', [...revenueMonths(truth)]);
  writeTable(directory, 'partner_revenue_monthly', [...partnerMonths(truth)]);
  writeTable(
    directory,
    'quarantine',
    refused.map(({ stream, recordId }) => ({ stream, record_id: recordId })),
  );
}

function writeTable(directory: string, name: string, rows: readonly Row[]): void {
  const file = createCsv(join(directory, `${name}.csv`), Object.keys(rows[0] ?? {}));
  for (const row of rows) file.write(row);
  file.close();
}

/** Per partner and currency at the business clock: closing = accrued − clawed back − paid. */
function* commissionTotals(truth: Truth): Generator<Row> {
  for (const [key, days] of sorted(truth.commission)) {
    const [partner, currency] = key.split('|');
    if (days.size === 0) continue;
    const sum = { accrued: 0n, clawedBack: 0n, paid: 0n };
    for (const day of days.values()) addTo(sum, day);
    yield {
      partner_id: canonical(partner),
      currency,
      accrued_minor: String(sum.accrued),
      clawed_back_minor: String(sum.clawedBack),
      paid_minor: String(sum.paid),
      closing_minor: String(sum.accrued - sum.clawedBack - sum.paid),
    };
  }
}

/** The same by month, for months in which something moved. */
function* commissionMonths(truth: Truth): Generator<Row> {
  for (const [key, days] of sorted(truth.commission)) {
    const [partner, currency] = key.split('|');
    const months = new Map<string, { accrued: bigint; clawedBack: bigint; paid: bigint }>();
    for (const [day, sums] of days) {
      const month = months.get(toMonth(day)) ?? { accrued: 0n, clawedBack: 0n, paid: 0n };
      addTo(month, sums);
      months.set(toMonth(day), month);
    }
    for (const [month, sums] of sorted(months))
      yield {
        partner_id: canonical(partner),
        currency,
        month: `${month}-01`,
        accrued_minor: String(sums.accrued),
        clawed_back_minor: String(sums.clawedBack),
        paid_minor: String(sums.paid),
      };
  }
}

function* revenueMonths(truth: Truth): Generator<Row> {
  for (const [key, sums] of sorted(truth.revenue)) {
    const [month, basis, currency] = key.split('|');
    yield {
      month: `${month}-01`,
      basis,
      currency,
      total_minor: String(sums.total),
      sourced_minor: String(sums.sourced),
      influenced_distinct_minor: String(sums.influencedDistinct),
      partner_involved_minor: String(sums.partnerInvolved),
      unlinked_minor: String(sums.unlinked),
      reporting_total_minor: String(sums.reportingTotal),
      reporting_sourced_minor: String(sums.reportingSourced),
    };
  }
}

function* partnerMonths(truth: Truth): Generator<Row> {
  for (const [key, sums] of sorted(truth.partnerRevenue)) {
    const [partner, month, basis, currency] = key.split('|');
    yield {
      partner_id: canonical(partner),
      month: `${month}-01`,
      basis,
      currency,
      sourced_minor: String(sums.sourced),
      reporting_sourced_minor: String(sums.reportingSourced),
    };
  }
}

function addTo(sum: { accrued: bigint; clawedBack: bigint; paid: bigint }, day: typeof sum): void {
  sum.accrued += day.accrued;
  sum.clawedBack += day.clawedBack;
  sum.paid += day.paid;
}

function sorted<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : 1));
}
