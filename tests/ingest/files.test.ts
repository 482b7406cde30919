// What a file may be (bad-inputs: files and transport): encodings, dialects, headers, cut and lost files, formats, mapping.
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SourceError } from '../../core/errors.ts';
import { csv, Landing, mavenDeals } from './landing.ts';

let landing: Landing;
beforeEach(async () => {
  landing = await Landing.open();
});
afterEach(() => landing.close());

const header = 'account_id,name,domain';
const rows = ['A-1,One,one.example', 'A-2,Two,two.example', 'A-3,Three,three.example'];

async function halted(work: Promise<unknown>): Promise<SourceError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SourceError);
  expect((error as SourceError).exit_status).toBe(3);
  return error as SourceError;
}

describe('accepted', () => {
  const same: [string, string | Buffer][] = [
    ['a byte order mark', `\uFEFF${csv(header, ...rows)}`],
    ['CRLF', [header, ...rows, ''].join('\r\n')],
    ['CR alone', [header, ...rows, ''].join('\r')],
    ['LF and CRLF mixed', `${header}\r\n${rows[0]}\n${rows[1]}\r\n${rows[2]}\n`],
    ['no newline at the end', [header, ...rows].join('\n')],
    ['semicolons', csv(header, ...rows).replaceAll(',', ';')],
    ['tabs', csv(header, ...rows).replaceAll(',', '\t')],
    ['quotes around everything', csv(header, ...rows).replaceAll(/[^,\n]+/g, '"$&"')],
  ];
  test.each(same)('%s', async (_, content) => {
    expect(await landing.loadOne('accounts.csv', content)).toMatchObject({ fetched: 3, accepted: 3 });
    const versions = await landing.versions('accounts');
    expect(versions.map(({ record }) => record)).toEqual([2, 3, 4]);
    expect(versions.map(({ payload }) => [payload.account_id, payload.name, payload.domain].join(','))).toEqual(rows);
  });

  test('quotes, delimiters and line breaks inside quotes', async () => {
    await landing.loadOne('accounts.csv', csv(header, '"A-1","One, ""the"" first\nand only",'));
    const [version] = await landing.versions('accounts');
    expect(version!.payload).toMatchObject({ name: 'One, "the" first\nand only', domain: null });
  });

  test('a header without rows is a source without records', async () => {
    expect(await landing.loadOne('accounts.csv', `${header}\n`)).toMatchObject({ fetched: 0, accepted: 0 });
  });

  test('an empty file, where that is allowed', async () => {
    landing.options = { allow_empty: true };
    expect(await landing.loadOne('accounts.csv', '')).toMatchObject({ fetched: 0 });
  });

  test('the same file under another name and format ending is not read again', async () => {
    const content = csv(header, ...rows);
    await landing.loadOne('accounts.csv', content);
    landing.remove('accounts.csv').options = { streams: { accounts: { file: 'renamed.csv' } } };
    expect(await landing.loadOne('renamed.csv', content)).toMatchObject({
      is_unchanged: true,
      fetched: 3,
      accepted: 0,
      repeats: 3,
    });
  });
});

describe('one row refused, the others accepted', () => {
  const refusals: [string, Buffer, string, string][] = [
    ['Latin-1', Buffer.from('A-4,Müller,', 'latin1'), 'not_utf8', 'A-4'],
    ['too few fields', Buffer.from('A-4,Four'), 'ragged_row', 'A-4'],
    ['too many fields', Buffer.from('"A-4",Four,four.example,more'), 'ragged_row', 'A-4'],
    ['text after a closing quote', Buffer.from('A-4,"Four"teen,'), 'bad_quotes', 'A-4'],
    ['a row longer than 2 MB', Buffer.from(`A-4,${'x'.repeat(2_100_000)},`), 'row_too_long', 'A-4'],
  ];
  test.each(refusals)('%s', async (_, row, reason, record_id) => {
    const content = Buffer.concat([Buffer.from(csv(header, rows[0]!)), row, Buffer.from(`\n${rows[1]}\n`)]);
    expect(await landing.loadOne('accounts.csv', content)).toMatchObject({ fetched: 3, accepted: 2, quarantined: 1 });
    expect(await landing.refused()).toMatchObject([{ record: 3, record_id, reason }]);
    expect((await landing.versions('accounts')).map(({ record }) => record)).toEqual([2, 4]);
  });

  test('many unreadable rows: every record keeps its number', async () => {
    const lines = Array.from({ length: 1000 }, (_, index) => (index % 7 === 3 ? `A-${index},bad` : `A-${index},n,d`));
    const load = await landing.loadOne('accounts.csv', csv(header, ...lines));
    expect(load).toMatchObject({ fetched: 1000, quarantined: 143 });
    const versions = await landing.versions('accounts');
    expect(versions.every(({ record, record_key }) => record_key === `A-${record - 2}`)).toBe(true);
    expect((await landing.refused()).every(({ record, record_id }) => record_id === `A-${record - 2}`)).toBe(true);
  });

  test('numbers hold in a large file that is read in parallel', async () => {
    const lines = Array.from({ length: 400_000 }, (_, index) =>
      index % 9973 === 5 ? `A-${index},bad` : `A-${index},"name\n${'x'.repeat(60)}",domain${index}.example`,
    );
    const load = await landing.loadOne('accounts.csv', [header, ...lines, ''].join('\n'));
    expect(load).toMatchObject({ fetched: 400_000, quarantined: 41 });
    const misnumbered = await landing.warehouse.rows(
      `SELECT record FROM raw.files_accounts WHERE record_key <> 'A-' || (record - 2)
       UNION ALL SELECT record FROM raw.quarantine WHERE record_id <> 'A-' || (record - 2)`,
    );
    expect(misnumbered).toEqual([]);
  });
});

describe('halted', () => {
  const halts: [string, string, string | Buffer, RegExp][] = [
    [
      'a missing required column',
      'accounts.csv',
      csv('account_id,nmae', 'A-1,One'),
      /`name` is missing; did you mean `nmae`/,
    ],
    ['a repeated column', 'accounts.csv', csv('account_id,name,name', 'A-1,One,Uno'), /`name` more than once/],
    ['a file cut in a row', 'accounts.csv', `${header}\n${rows[0]}\nA-2,Tw`, /ends in the middle of record 3/],
    ['a file cut in quotes', 'accounts.csv', `${header}\n${rows[0]}\nA-2,"Two\n`, /ends in the middle of record 3/],
    [
      'a quote that swallows the rest',
      'accounts.csv',
      csv(header, 'A-1,"One,', ...rows),
      /ends in the middle of record 2/,
    ],
    ['an empty file', 'accounts.csv', '', /is empty/],
    ['UTF-16', 'accounts.csv', Buffer.from(`\uFEFF${csv(header, ...rows)}`, 'utf16le'), /UTF-16/],
    ['a web page', 'accounts.csv', '<!DOCTYPE html><html><body>Sign in</body></html>', /web page/],
    [
      'NDJSON cut in a line',
      'accounts.ndjson',
      '{"account_id":"A-1","name":"One"}\n{"account_id":"A-2","na',
      /middle of record 2/,
    ],
    ['no Parquet', 'accounts.parquet', 'PAR1 and then nothing', /not a Parquet file/],
    ['a cut gzip', 'accounts.csv.gz', gzipSync(csv(header, ...rows)).subarray(0, 30), /cannot be unpacked/],
    ['a compression bomb', 'accounts.csv.gz', gzipSync(Buffer.alloc(100 << 20, 'a')), /200 times/],
  ];
  test.each(halts)('%s', async (_, name, content, message) => {
    landing.write(name, content);
    const error = await halted(landing.load());
    expect(error.message).toMatch(message);
    expect(error.message).toContain(name);
    expect(await landing.versions('accounts')).toEqual([]);
  });

  test('a lost file: what was read before and is gone', async () => {
    await landing
      .write('partners.csv', csv('partner_id,name,motion', 'P-1,Larch,referral'))
      .loadOne('accounts.csv', csv(header, ...rows));
    const error = await halted(landing.remove('accounts.csv').load());
    expect(error.message).toMatch(/no file for accounts/);
  });

  test('a named file that is not there, with the one that was meant', async () => {
    landing.options = { streams: { accounts: { file: 'acounts.csv' } } };
    const error = await halted(landing.write('accounts.csv', csv(header, ...rows)).load());
    expect(error.message).toMatch(/acounts.csv: the file is not there; did you mean `accounts.csv`\?/);
  });

  test('two files for one stream', async () => {
    landing.write('accounts.csv', csv(header, ...rows)).write('accounts.parquet', '');
    expect((await halted(landing.load())).message).toMatch(/accounts.csv and accounts.parquet/);
  });

  test('a directory that is not there', async () => {
    landing.options = { directory: './nowhere' };
    expect((await halted(landing.load())).message).toMatch(/nowhere/);
  });

  test('one failing file leaves the others landed, and all failures are named', async () => {
    landing.write('accounts.csv', csv('account_id', 'A-1')).write('contacts.csv', csv('contact', 'C-1'));
    landing.write('partners.csv', csv('partner_id,name,motion', 'P-1,Larch,referral'));
    const error = await halted(landing.load());
    expect(error.message.split('\n')).toHaveLength(2);
    expect(await landing.versions('partners')).toHaveLength(1);
  });
});

describe('formats', () => {
  const ndjson = [
    '{"account_id":"A-1","name":"One","domain":"one.example","size":5}',
    '{"account_id":"A-2","name":"Two","domain":null}',
    '{"name":"Thr\\u00e9e","account_id":"A-3"}',
  ];

  test('NDJSON: values as text, what is not mapped kept beside', async () => {
    const load = await landing.loadOne('accounts.ndjson', `${ndjson.join('\n')}\n`);
    expect(load).toMatchObject({ fetched: 3, accepted: 3 });
    const versions = await landing.versions('accounts');
    expect(versions.map(({ record }) => record)).toEqual([1, 2, 3]);
    expect(versions.map(({ payload }) => [payload.name, payload.domain, payload.other])).toEqual([
      ['One', 'one.example', '{"size":5}'],
      ['Two', null, null],
      ['Thrée', null, null],
    ]);
  });

  test('NDJSON: a broken line, a line that is no object and an escaped U+0000 are refused alone', async () => {
    const lines = [ndjson[0], '{"account_id":"A-2"', '[1]', '{"account_id":"A-4","name":"x\\u0000"}', ndjson[2]];
    const load = await landing.loadOne('accounts.jsonl', `${lines.join('\n')}\n`);
    expect(load).toMatchObject({ fetched: 5, accepted: 2, quarantined: 3 });
    expect((await landing.refused()).map(({ record, reason }) => [record, reason])).toEqual([
      [2, 'bad_json'],
      [3, 'bad_json'],
      [4, 'nul_character'],
    ]);
  });

  const numbers: [string, string | null][] = [
    ['1234.50', '1234.50'],
    ['"1234.50"', '1234.50'],
    ['1234567890123456.78', '1234567890123456.78'],
    ['1e3', null],
    ['12.345', null],
  ];
  test.each(numbers)('NDJSON: the amount %s keeps its digits', async (written, kept) => {
    const line = `{"deal_id":"D-1","is_closed":false,"is_won":false,"amount":${written},"currency":"USD"}`;
    await landing.loadOne('deals.ndjson', `${line}\n`);
    expect((await landing.versions('deals')).map(({ payload }) => payload.amount)).toEqual(kept ? [kept] : []);
  });

  test('Parquet: typed columns become the text of a CSV', async () => {
    const path = `${landing.directory}/sheets/deals.parquet`;
    await landing.warehouse.run(
      `COPY (SELECT 'D-1' AS deal_id, true AS is_closed, false AS is_won, 12.50::DECIMAL(9, 2) AS amount, 'USD' AS currency,
         TIMESTAMPTZ '2025-03-01 10:00:00+01' AS created_at, DATE '2025-04-01' AS closed_at, 7 AS score) TO '${path}'`,
    );
    expect((await landing.load())[0]).toMatchObject({ fetched: 1, accepted: 1 });
    expect((await landing.versions('deals'))[0]!.payload).toMatchObject({
      deal_id: 'D-1',
      is_closed: 'true',
      amount: '12.50',
      created_at: '2025-03-01T09:00:00.000000Z',
      closed_at: '2025-04-01',
      other: '{"score":7}',
    });
  });

  test('Parquet: a timestamp without a zone is refused', async () => {
    const path = `${landing.directory}/sheets/deal_stages.parquet`;
    await landing.warehouse.run(
      `COPY (SELECT 'D-1' AS deal_id, 'won' AS stage, TIMESTAMP '2025-03-01 10:00:00' AS entered_at) TO '${path}'`,
    );
    await landing.load();
    expect(await landing.refused()).toMatchObject([{ record: 1, reason: 'time_without_zone' }]);
  });

  test('gzip', async () => {
    expect(await landing.loadOne('accounts.csv.gz', gzipSync(csv(header, ...rows)))).toMatchObject({ accepted: 3 });
  });
});

describe('mapping (contract §4)', () => {
  const sheet = csv(
    'opportunity_id,account,deal_stage,engage_date,close_date,close_value,agent',
    'O-1,Acme,Won,2017-01-01,2017-03-01,1054,Ann',
    'O-2,,Lost,2017-01-01,2017-03-02,0,Ann',
    'O-3,Acme,Engaging,2017-01-01,,,Bob',
  );

  test('columns, constants and value maps', async () => {
    landing.options = { streams: { deals: mavenDeals } };
    expect(await landing.loadOne('sales_pipeline.csv', sheet)).toMatchObject({ fetched: 3, accepted: 3 });
    const payloads = (await landing.versions('deals')).map(({ payload }) => payload);
    expect(
      payloads.map(({ deal_id, is_closed, is_won, amount, currency }) => [
        deal_id,
        is_closed,
        is_won,
        amount,
        currency,
      ]),
    ).toEqual([
      ['O-1', 'true', 'true', '1054', 'USD'],
      ['O-2', 'true', 'false', '0', 'USD'],
      ['O-3', 'false', 'false', null, 'USD'],
    ]);
    expect(JSON.parse(payloads[0]!.other!)).toEqual({ deal_stage: 'Won', agent: 'Ann' });
  });

  test('a changed mapping reads the same file again', async () => {
    landing.options = { streams: { deals: mavenDeals } };
    await landing.loadOne('sales_pipeline.csv', sheet);
    landing.options = { streams: { deals: { ...mavenDeals, constants: { currency: 'EUR' } } } };
    expect((await landing.load())[0]).toMatchObject({ is_unchanged: false, accepted: 3 });
  });

  test('a mapped column that the file lacks is named with the one that was meant', async () => {
    landing.options = {
      streams: { deals: { ...mavenDeals, columns: { ...mavenDeals.columns, amount: 'close_valeu' } } },
    };
    const error = await halted(landing.loadOne('sales_pipeline.csv', sheet));
    expect(error.message).toMatch(/no column `close_valeu` for `amount`; did you mean `close_value`/);
  });

  test('two columns may come from one of theirs', async () => {
    landing.options = { streams: { accounts: { columns: { account_id: 'account', name: 'account' } } } };
    await landing.loadOne('accounts.csv', csv('account', 'Acme'));
    expect((await landing.versions('accounts'))[0]!.payload).toMatchObject({
      account_id: 'Acme',
      name: 'Acme',
      other: null,
    });
  });
});
