// JSON, CSV and Arrow of every list show the same figures; texts cannot become formulas; amounts keep their decimals.
import { type Table, tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arrowOf } from '../../api/arrow.ts';
import { type Column, money } from '../../api/columns.ts';
import { csvOf, jsonRow, neutralised } from '../../api/faces.ts';
import { currency } from '../../api/schemas/common.ts';
import { secrets, tinyApp } from './fixture.ts';
import { lists, withParameters } from './questions.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp();
});
afterAll(() => tiny.close());

type Item = Record<string, unknown>;

describe.each(lists)('$path', ({ url, askers, row }) => {
  const ask = (accept: string) => tiny.get(url, secrets[askers[0]!], { accept });

  test('CSV shows the figures of JSON', async () => {
    const items: Item[] = (await ask('application/json')).json().items;
    const answer = await ask('text/csv');
    expect(answer.headers['content-type']).toContain('text/csv');
    const [header, ...records] = parseCsv(answer.body);
    expect(records.length).toBe(items.length);
    for (const [index, item] of items.entries())
      for (const [name, column] of Object.entries(row.columns))
        for (const [field, value] of csvFields(name, column, item[name]))
          expect([field, records[index]![header!.indexOf(field)]]).toEqual([field, value]);
  });

  test('Arrow shows the figures of JSON', async () => {
    const items: Item[] = (await ask('application/json')).json().items;
    const answer = await ask('application/vnd.apache.arrow.stream');
    const table = tableFromIPC(answer.rawPayload);
    expect(table.numRows).toBe(items.length);
    for (const [index, item] of items.entries())
      for (const [name, column] of Object.entries(row.columns))
        expect([name, arrowValue(table, name, column, index)]).toEqual([name, jsonMinor(column, item[name])]);
  });
});

/** What a JSON field is in CSV. */
function csvFields(name: string, column: Column, value: unknown): [string, string][] {
  if (column.kind === 'minor') return [[`${name}_minor`, String(value)]];
  if (column.kind !== 'money')
    return [[name, value === null ? '' : column.kind === 'text' ? neutralised(String(value)) : String(value)]];
  const amount = value as { amount_minor: string; amount: string } | null;
  return [
    [`${name}_minor`, amount?.amount_minor ?? ''],
    [name, amount?.amount ?? ''],
  ];
}

function jsonMinor(column: Column, value: unknown): unknown {
  return column.kind === 'money' && value !== null ? (value as { amount_minor: string }).amount_minor : value;
}

function arrowValue(table: Table, name: string, { kind }: Column, index: number): unknown {
  const value = table.getChild(kind === 'money' || kind === 'minor' ? `${name}_minor` : name)!.get(index);
  if (value === null) return null;
  if (kind === 'money' || kind === 'minor') return String(value);
  if (kind === 'integer') return Number(value);
  if (kind === 'month' || kind === 'date') return new Date(value).toISOString().slice(0, kind === 'month' ? 7 : 10);
  // Arrow's own reader gives milliseconds; the microseconds are compared on the raw column below.
  if (kind === 'instant') return rawInstant(table.getChild(name)!.data, index);
  return value;
}

function rawInstant(chunks: readonly { length: number; values: BigInt64Array }[], index: number): string {
  const microseconds = chunks[0]!.values[index]!;
  return Temporal.Instant.fromEpochNanoseconds(microseconds * 1000n).toString({ fractionalSecondDigits: 6 });
}

test('a text that starts like a formula is neutralised, figures are not', () => {
  for (const text of ['=1+1', '+1', '-1', '@sum', '\tx', '\rx', '\nx', '\u0000', '＝1'])
    expect(neutralised(text)).toBe(`'${text}`);
  for (const text of ['', 'a=1', "'", '1-2', 'Ünïcode', '‏שלום']) expect(neutralised(text)).toBe(text);
  const rows = [{ name: '=HYPERLINK("http://x")', amount_minor: -123450n, currency: 'USD' }];
  const columns = { name: currency, amount: money('x'), currency };
  expect(csvOf(columns, rows, 'USD')).toBe(
    `name,amount_minor,amount,currency\n"'=HYPERLINK(""http://x"")",-123450,-1234.50,USD\n`,
  );
});

test('amounts keep the decimals of their currency and all of their digits', () => {
  const columns = { amount: money('x'), currency };
  const rows = [
    { amount_minor: 5n, currency: 'JPY' },
    { amount_minor: -5n, currency: 'USD' },
    { amount_minor: 1n, currency: 'KWD' },
    { amount_minor: 9_007_199_254_740_993n, currency: 'USD' },
  ];
  const amounts = rows.map((row) => jsonRow({ id: 'x', columns } as never, row, 'USD').amount);
  expect(amounts).toEqual([
    { amount_minor: '5', amount: '5', currency: 'JPY' },
    { amount_minor: '-5', amount: '-0.05', currency: 'USD' },
    { amount_minor: '1', amount: '0.001', currency: 'KWD' },
    { amount_minor: '9007199254740993', amount: '90071992547409.93', currency: 'USD' },
  ]);
  const table = tableFromIPC(arrowOf(columns, rows, 'USD'));
  expect([...table.getChild('amount_minor')!].map(String)).toEqual(
    rows.map(({ amount_minor }) => String(amount_minor)),
  );
});

test('the format is negotiated', async () => {
  const type = async (accept: string) => {
    const { statusCode, headers } = await tiny.get('/v1/revenue/monthly', secrets.finance, { accept });
    return statusCode === 200 ? String(headers['content-type']).split(';')[0] : statusCode;
  };
  expect(await type('*/*')).toBe('application/json');
  expect(await type('text/html,application/xhtml+xml,*/*;q=0.8')).toBe('application/json');
  expect(await type('text/csv;q=0.5, application/json;q=0.4')).toBe('text/csv');
  expect(await type('text/csv;q=0, application/json')).toBe('application/json');
  expect(await type('image/png')).toBe(406);
  const document = await tiny.get('/v1/release', secrets.finance, { accept: 'text/csv' });
  expect(document.json().code).toBe('not_acceptable');
  const byParameter = await tiny.get('/v1/revenue/monthly?format=csv', secrets.finance);
  expect(byParameter.headers['content-type']).toContain('text/csv');
  expect(byParameter.headers['content-disposition']).toBe('attachment; filename="revenue-monthly.csv"');
});

/** RFC 4180, for the test alone. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n|$)/g)) {
    rows.at(-1)!.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 1 || row[0] !== '');
}

test('CSV links say where the next page is', async () => {
  const answer = await tiny.get(withParameters('/v1/deals', { format: 'csv', limit: '2' }), secrets.revops);
  const next = /<(.+)>; rel="next"/.exec(String(answer.headers.link))?.[1];
  expect(new URLSearchParams(next?.split('?')[1]).get('cursor')).toBe(answer.headers['x-next-cursor']);
  const second = await tiny.get(next!, secrets.revops);
  expect(second.statusCode).toBe(200);
  expect(parseCsv(second.body).slice(1)[0]![0]).not.toBe(parseCsv(answer.body).slice(1)[0]![0]);
});
