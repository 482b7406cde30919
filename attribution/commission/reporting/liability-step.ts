// Folds the copied ledger into `ledger.liability`, one row a partner × currency × month, with reporting twins and contingent.
import type { Config } from '../../../core/config.ts';
import { type DayNumber, dateOfDay, dayNumber, endOfMonth, monthsBetween } from '../../../core/month.ts';
import { convert, type FxTable } from '../../money/fx.ts';
import type { AppendColumn, WarehousePort } from '../../ports.ts';
import { isTouched, type Stand } from '../changed.ts';
import { costAccounts } from '../entry-sql.ts';
import { balanceNames, type LiabilityRow, type MonthMovement, movementNames, rollForward } from './rollforward.ts';

type MovementRow = {
  readonly partner_id: string;
  readonly currency: string;
  readonly month: string;
} & Readonly<Record<string, bigint | string>>;

/** The side of an entry that touches an account: what its balance gains, assets and claims by debit, debts by credit. */
const change = (account: string, amount: string) =>
  `coalesce(sum(case when credit_account = '${account}' then ${amount} when debit_account = '${account}' then -${amount} end), 0)`;
/** What the partner earned by entries of a type: the cost side is debited where it grows. */
const earned = (type: string, amount: string) =>
  `coalesce(sum(case when entry_type = '${type}' then
    case when debit_account in ${costAccounts} then ${amount}
      when credit_account in ${costAccounts} then -${amount} end end), 0)`;

const movements = (amount: string): Readonly<Record<(typeof movementNames)[number], string>> => ({
  accrued: earned('accrual', amount),
  clawed_back: `-${earned('clawback', amount)}`,
  true_up: earned('true_up', amount),
  prior_period: earned('prior_period_adjustment', amount),
  written_off: change('write_off_expense', amount),
  paid: change('cash', amount),
});

const selected = (prefix: string, columns: Readonly<Record<string, string>>) =>
  Object.entries(columns).map(([name, sql]) => `cast(${sql} as bigint) as ${prefix}${name}`);

const movementQuery = (isWanted: string) => `
  select partner_id, currency, posted_month,
    ${[
      ...selected('native_', movements('amount_minor')),
      ...selected('reporting_', movements('coalesce(reporting_amount_minor, 0)')),
      ...selected('balance_', {
        accrued: change('accrued', 'amount_minor'),
        payable: change('payable', 'amount_minor'),
        disputed: change('disputed', 'amount_minor'),
        recoverable: `-${change('recoverable', 'amount_minor')}`,
      }),
    ].join(',\n    ')}
  from ledger.entry
  where ${isWanted}
  group by all`;

export interface LiabilityInput {
  readonly warehouse: WarehousePort;
  readonly stand: Stand;
  readonly config: Pick<Config, 'reporting'>;
  readonly as_of_day: DayNumber;
  readonly fx: FxTable;
}

/** Writes `ledger.liability`: of partners that changed, where clock and rates are those of the last run. */
export async function writeLiability({ warehouse, stand, config, as_of_day, fx }: LiabilityInput): Promise<void> {
  await writeMovements(warehouse, stand);
  const isWanted = await wantedPartners(warehouse, stand, as_of_day);
  const movementRows = await warehouse.rows<MovementRow>(`
    select * exclude (posted_month), strftime(posted_month, '%Y-%m') as month
    from ledger.month_movement
    where ${isWanted}
    order by partner_id, currency, month`);
  const contingent = await readContingent(warehouse, isWanted);
  const last_month = dateOfDay(as_of_day).slice(0, 7);
  const groups = new Map<string, MovementRow[]>([...contingent].map(([key]) => [key, []]));
  for (const row of movementRows) groups.getOrInsertComputed(keyOf(row), () => []).push(row);
  const table = liabilityTable();
  const endOf = monthEnds(as_of_day);
  const monthsFrom = monthsUntil(last_month);
  for (const [key, rows] of [...groups].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const [partner_id, currency] = JSON.parse(key) as [string, string];
    const months = monthsFrom(rows[0]?.month ?? last_month);
    const remeasure = remeasureAt(fx, currency, config.reporting.currency, endOf);
    const rolled = rollForward(rows.map(movementOf), months, remeasure);
    for (const row of rolled) {
      const expected = row.month === last_month ? (contingent.get(key) ?? 0n) : null;
      table.add(partner_id, currency, row, expected, expected === null ? null : (remeasure(expected, row.month) ?? 0n));
    }
  }
  await table.write(warehouse, isWanted);
}

/** `ledger.month_movement`: what the entries of a partner, currency and month add up to. */
async function writeMovements(warehouse: WarehousePort, stand: Stand): Promise<void> {
  const isWanted = isTouched(stand);
  await warehouse.run(
    stand
      ? `delete from ledger.month_movement where ${isWanted};
         insert into ledger.month_movement ${movementQuery(isWanted)}`
      : `create or replace table ledger.month_movement as ${movementQuery(isWanted)}`,
  );
}

const expectedNow = `
  select partner_id, currency, cast(sum(amount_minor) as bigint) as amount_minor
  from attribution.contingent
  group by all
  having sum(amount_minor) <> 0`;
const expectedBefore = `
  select partner_id, currency, contingent_minor as amount_minor
  from ledger.liability
  where contingent_minor <> 0`;

/** SQL of the partners whose roll-forward may be another than before; drops the table where all may. */
async function wantedPartners(warehouse: WarehousePort, stand: Stand, as_of_day: DayNumber): Promise<string> {
  const basis = `(select ${as_of_day} || ' ' || coalesce(sum(hash(rate)), 0) from journeys.billing_rate as rate)`;
  await warehouse.run('create table if not exists ledger.liability_basis (basis varchar)');
  const kept = await warehouse.rows(`select 1 as is_kept from ledger.liability_basis where basis = ${basis}`);
  if (stand && kept.length)
    return `partner_id in (
      select partner_id from ledger.entry where sequence > ${stand.sequence}
      union select partner_id from ((${expectedNow} except ${expectedBefore}) union all (${expectedBefore} except ${expectedNow})))`;
  await warehouse.run(`
    drop table if exists ledger.liability;
    create or replace table ledger.liability_basis as select ${basis} as basis`);
  return 'true';
}

async function readContingent(warehouse: WarehousePort, isWanted: string): Promise<Map<string, bigint>> {
  const rows = await warehouse.rows<{ partner_id: string; currency: string; amount_minor: bigint }>(`
    select partner_id, currency, cast(sum(amount_minor) as bigint) as amount_minor
    from attribution.contingent where ${isWanted} group by all`);
  return new Map(rows.map((row) => [keyOf(row), row.amount_minor]));
}

function keyOf({ partner_id, currency }: { partner_id: string; currency: string }): string {
  return JSON.stringify([partner_id, currency]);
}

function movementOf(row: MovementRow): MonthMovement {
  const part = (prefix: string, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, row[prefix + name] as bigint]));
  return {
    month: row.month,
    native: part('native_', movementNames) as MonthMovement['native'],
    reporting: part('reporting_', movementNames) as MonthMovement['reporting'],
    balances: part('balance_', balanceNames) as MonthMovement['balances'],
  };
}

/** The months from one on; partners that began in the same month share them. */
function monthsUntil(last_month: string): (first_month: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (first_month) => known.getOrInsertComputed(first_month, () => monthsBetween(first_month, last_month));
}

/** At the last day of the month, or at the business clock in a month that is not over (fine-print 18). */
function monthEnds(as_of_day: DayNumber): (month: string) => DayNumber {
  const known = new Map<string, DayNumber>();
  const endOf = (month: string) => Math.min(dayNumber(endOfMonth(`${month}-01`)), as_of_day);
  return (month) => known.getOrInsertComputed(month, endOf);
}

function remeasureAt(fx: FxTable, from: string, to: string, endOf: (month: string) => DayNumber) {
  return (amount_minor: bigint, month: string): bigint | undefined => {
    if (from === to) return amount_minor;
    const found = fx.find(from, to, endOf(month));
    return found && convert(amount_minor, from, to, found.rate);
  };
}

const moneyColumns: Readonly<Record<string, (row: LiabilityRow) => bigint>> = {
  opening_minor: (row) => row.opening,
  ...Object.fromEntries(movementNames.map((name) => [`${name}_minor`, (row: LiabilityRow) => row.movement[name]])),
  closing_minor: (row) => row.closing,
  ...Object.fromEntries(
    balanceNames.map((name) => [`${name}_balance_minor`, (row: LiabilityRow) => row.balances[name]]),
  ),
  reporting_opening_minor: (row) => row.reporting_opening,
  ...Object.fromEntries(
    movementNames.map((name) => [`reporting_${name}_minor`, (row: LiabilityRow) => row.reporting_movement[name]]),
  ),
  reporting_closing_minor: (row) => row.reporting_closing,
  ...Object.fromEntries(
    balanceNames.map((name) => [
      `reporting_${name}_balance_minor`,
      (row: LiabilityRow) => row.reporting_balances[name],
    ]),
  ),
  fx_minor: (row) => row.fx,
};

const moneyReaders = Object.values(moneyColumns);

/** Collects rows by column. */
function liabilityTable() {
  const names = [
    'partner_id varchar',
    'currency varchar',
    'month date',
    ...Object.keys(moneyColumns).map((name) => `${name} bigint`),
    'contingent_minor bigint',
    'reporting_contingent_minor bigint',
  ];
  const columns = names.map((): (string | number | bigint | null)[] => []);
  const firstMoney = 3;
  const days = new Map<string, DayNumber>();
  const firstDayOf = (month: string) => days.getOrInsertComputed(month, () => dayNumber(`${month}-01`));
  return {
    add(
      partner_id: string,
      currency: string,
      row: LiabilityRow,
      expected: bigint | null,
      reporting_expected: bigint | null,
    ) {
      columns[0]!.push(partner_id);
      columns[1]!.push(currency);
      columns[2]!.push(firstDayOf(row.month));
      for (const [index, read] of moneyReaders.entries()) columns[firstMoney + index]!.push(read(row));
      columns.at(-2)!.push(expected);
      columns.at(-1)!.push(reporting_expected);
    },
    async write(warehouse: WarehousePort, isWanted: string): Promise<void> {
      await warehouse.run(`
        create table if not exists ledger.liability (${names.join(', ')});
        delete from ledger.liability where ${isWanted}`);
      const appender = await warehouse.appender('ledger.liability');
      const rowCount = columns[0]!.length;
      const isMoney = (index: number) => index >= firstMoney && index < firstMoney + moneyReaders.length;
      const packed = columns.map(
        (column, index): AppendColumn => (isMoney(index) ? BigInt64Array.from(column as bigint[]) : column),
      );
      if (rowCount) appender.append(packed, rowCount);
      await appender.close();
    },
  };
}
