// Sheets in which accounts and deals are what is left of merged ones, and most records still name those.
import { dice, type Row, type Sheet } from './sheets.ts';

export type Sheets = Record<string, Sheet>;

/** The shares of accounts and deals that get two doubles each: one was merged into it, and another one into that. */
export function withDoubles(sheets: Sheets, share: { readonly accounts: number; readonly deals: number }): Sheets {
  const accounts = aliasesOf(sheets.accounts!, 'account_id', share.accounts);
  const deals = aliasesOf(sheets.deals!, 'deal_id', share.deals);
  const renamed = Object.entries(sheets).map(([stream, sheet]): [string, Sheet] => {
    const rows = sheet.rows.map((row) => ({
      ...row,
      ...(stream === 'accounts' ? {} : renamedIn(row, 'account_id', accounts)),
      ...(stream === 'deals' ? {} : renamedIn(row, 'deal_id', deals)),
    }));
    return [stream, { ...sheet, rows }];
  });
  const all = Object.fromEntries(renamed);
  const bare = (row: Row) => ({ account_id: row.account_id!, name: row.name!, merged_into: row.merged_into! });
  const empty = (row: Row) => ({ ...row, source_partner_id: '' });
  return {
    ...all,
    accounts: merged(all.accounts!, doubles(sheets.accounts!, 'account_id', accounts).map(bare)),
    deals: merged(all.deals!, doubles(sheets.deals!, 'deal_id', deals).map(empty)),
  };
}

function merged(sheet: Sheet, rows: readonly Row[]): Sheet {
  const columns = sheet.columns.includes('merged_into') ? sheet.columns : [...sheet.columns, 'merged_into'];
  return { ...sheet, columns, rows: [...sheet.rows, ...rows] };
}

/** The ids that have doubles: not those of records that were made to be refused. */
function aliasesOf(sheet: Sheet, key: string, share: number): ReadonlySet<string> {
  const eligible = sheet.rows.filter(
    (row) => !row.merged_into && !/BAD|-X|^$/.test(row[key]!) && dice(row[key]!, 2) < share,
  );
  return new Set(eligible.map((row) => row[key]!));
}

/** `X double 2` was merged into `X double 1`, which was merged into X. */
function doubles(sheet: Sheet, key: string, ids: ReadonlySet<string>): Row[] {
  const originals = new Map(sheet.rows.map((row) => [row[key]!, row]));
  return [...ids].flatMap((id) => [
    { ...originals.get(id)!, [key]: `${id} double 2`, merged_into: `${id} double 1` },
    { ...originals.get(id)!, [key]: `${id} double 1`, merged_into: id },
  ]);
}

/** A third keeps the name, a third each gets that of a double; equal rows stay equal. */
function renamedIn(row: Row, column: string, ids: ReadonlySet<string>): Row {
  const id = row[column];
  const double = Math.floor(dice(JSON.stringify(row), 5) * 3);
  return id && ids.has(id) && double > 0 ? { [column]: `${id} double ${double}` } : {};
}
