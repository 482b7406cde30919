// What people decide about statements, what their disputes and those of payers hold, and what payouts settle.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Company, type Desk, openDesk } from './company.ts';
import { atDesk, company } from './one-deal.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());
const { entries, liability, statement, decide, approve } = atDesk(() => desk);

describe('statements, holds and payouts', () => {
  test('a statement is a draft until finance approves it; then its lines are due when their hold ends', async () => {
    await desk.run(company);
    expect(await statement()).toMatchObject({
      statement_id: 'statement:P-1:2026-01:USD',
      state: 'draft',
      total: 180n,
      line_count: 2,
    });
    await approve('2026-02-03');
    await desk.run({ ...company, as_of: '2026-02-08' });
    expect(await statement()).toMatchObject({ state: 'approved' });
    expect(await liability('P-1', '2026-02')).toMatchObject({ accrued: 180n, payable: 0n });
    await desk.run({ ...company, as_of: '2026-02-09' });
    expect(await liability('P-1', '2026-02')).toMatchObject({ accrued: 0n, payable: 180n, closing: 180n });
    expect(entries().at(-1)).toBe('2026-02-09 release accrued→payable P-1 I-1 180 USD');
  });

  test('an approval binds what it saw: a line posted later waits for its own', async () => {
    await desk.run(company);
    await approve('2026-02-03');
    const more: Company = { ...company, events: [...company.events, '2026-01-20 refund R-1 I-1 450 PY-1'] };
    await desk.run(more);
    expect(await statement()).toMatchObject({ state: 'draft', line_count: 4, total: 90n });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 0n, payable: 90n });
  });

  test('an approval of another digest releases nothing', async () => {
    await desk.run(company);
    const { statement_id } = await statement();
    desk.decideAt('2026-02-03');
    decide('statement_approve', { subject_id: statement_id, detail: { digest: 'seen elsewhere', line_count: 2 } });
    await desk.run(company);
    expect(await statement()).toMatchObject({ state: 'draft' });
    expect(await liability('P-1', '2026-12')).toMatchObject({ payable: 0n });
  });

  test('a payout settles what is payable; the statement it names is paid', async () => {
    await desk.run(company);
    await approve('2026-02-03');
    const payouts = ['2026-03-01 PO-1 P-1 180 USD statement:P-1:2026-01:USD'];
    await desk.run({ ...company, payouts });
    expect(await statement()).toMatchObject({ state: 'paid' });
    expect(await liability('P-1', '2026-12')).toMatchObject({ closing: 0n, payable: 0n, recoverable: 0n });
    expect(entries().at(-1)).toBe('2026-03-01 payout payable→cash P-1 PO-1 180 USD');
  });

  test('a statement that is paid twice is on the work list, with the payout that paid it first', async () => {
    await desk.run(company);
    await approve('2026-02-03');
    const payouts = ['2026-03-01 PO-1 P-1 180 USD statement:P-1:2026-01:USD'];
    await desk.run({ ...company, payouts: [...payouts, '2026-03-02 PO-2 P-1 180 USD statement:P-1:2026-01:USD'] });
    const found = await desk.warehouse.rows(
      'select record_id, amount_minor, detail, next_action from attribution.commission_exception',
    );
    expect(found).toEqual([
      {
        record_id: 'PO-2',
        amount_minor: 180n,
        detail: 'paid twice: PO-1 paid the same amount for the same statement; the excess is recoverable from P-1',
        next_action: expect.stringMatching(/ask for it back, or let it net the next commission/),
      },
    ]);
  });

  test('what was paid too much is on the work list until it is set off', async () => {
    const early = '2026-01-20 PO-0 P-1 100 USD';
    const found = () =>
      desk.warehouse.rows('select record_id, amount_minor, detail from attribution.commission_exception');
    await desk.run({ ...company, payouts: [early] });
    expect(await found()).toMatchObject([{ record_id: 'PO-0', amount_minor: 100n }]);
    await approve('2026-02-03');
    await desk.run({ ...company, payouts: [early] });
    expect(await found()).toEqual([]);
  });

  test('a statement that is paid twice out of what else is payable is on the work list until the next payout', async () => {
    const more: Company = { ...company, events: [...company.events, '2026-02-10 payment PY-2 I-2 900'] };
    const two: Company = {
      ...more,
      invoices: { ...more.invoices, 'I-2': { deal: 'D-1', issued: '2026-02-05', lines: { 'L-3': 900n } } },
    };
    await desk.run(two);
    desk.decideAt('2026-03-20');
    const statements = await desk.warehouse.rows<Record<string, string>>('select * from ledger.statement');
    for (const { statement_id, digest, line_count } of statements)
      decide('statement_approve', { subject_id: statement_id!, detail: { digest, line_count } });
    const paid = (day: string, id: string) => `2026-04-${day} ${id} P-1 150 USD statement:P-1:2026-01:USD`;
    const found = () =>
      desk.warehouse.rows('select record_id, amount_minor, detail from attribution.commission_exception');
    await desk.run({ ...two, payouts: [paid('01', 'PO-1'), paid('02', 'PO-2')] });
    expect(await liability('P-1', '2026-12')).toMatchObject({ payable: 60n, recoverable: 0n });
    const detail =
      'paid above the total of its statement, which PO-1 had paid: the rest came out of what else was payable to P-1';
    expect(await found()).toEqual([{ record_id: 'PO-2', amount_minor: 120n, detail }]);
    await desk.run({ ...two, payouts: [paid('01', 'PO-1'), paid('02', 'PO-2'), '2026-04-20 PO-3 P-1 60 USD'] });
    expect(await found()).toEqual([]);
  });

  test('a payout of a statement that does not exist is on the work list once, with what of it is recoverable', async () => {
    const payouts = ['2026-03-01 PO-1 P-1 200 USD statement:P-1:2020-01:USD'];
    const found = () =>
      desk.warehouse.rows('select kind, record_id, amount_minor, detail from attribution.commission_exception');
    const row = { kind: 'payout_unmatched', record_id: 'PO-1', amount_minor: 200n };
    const words = 'names the statement statement:P-1:2020-01:USD, which does not exist';
    const more = (amount: string) => `${words}; ${amount} USD of it is above what was payable and recoverable from P-1`;
    await desk.run({ ...company, payouts });
    expect(await found()).toEqual([{ ...row, detail: more('2.00') }]);
    await approve('2026-02-03');
    await desk.run({ ...company, payouts });
    expect(await found()).toEqual([{ ...row, detail: more('0.20') }]);
    await desk.run({ ...company, payouts: ['2026-03-01 PO-1 P-1 180 USD statement:P-1:2020-01:USD'] });
    expect(await found()).toEqual([{ ...row, amount_minor: 180n, detail: words }]);
  });

  test.each([
    [
      'P-2 200 USD',
      'other_partner',
      'which is not of P-2, to whom it was paid: it settles what is due to P-2; 2.00 USD of it is above what was payable and recoverable from P-2',
    ],
    [
      'P-1 200 EUR',
      'other_currency',
      'which is in USD: it settles what is due in EUR; 2.00 EUR of it is above what was payable and recoverable from P-1',
    ],
  ])('a payout (%s) that names a statement of P-1 in USD pays nothing of it: %s', async (paid, reason, words) => {
    await desk.run({ ...company, payouts: [`2026-03-01 PO-1 ${paid} statement:P-1:2026-01:USD`] });
    expect(await desk.warehouse.rows('select paid_minor, state from ledger.statement')).toEqual([
      { paid_minor: 0n, state: 'draft' },
    ]);
    const found = await desk.warehouse.rows(
      `select reason, detail from attribution.commission_exception where kind = 'payout_unmatched'`,
    );
    expect(found).toEqual([{ reason, detail: `names the statement statement:P-1:2026-01:USD, ${words}` }]);
  });

  test('a payout to somebody else that names a paid statement is no second payment of it', async () => {
    const payouts = [
      '2026-03-01 PO-1 P-1 180 USD statement:P-1:2026-01:USD',
      '2026-03-02 PO-2 P-2 180 USD statement:P-1:2026-01:USD',
    ];
    await desk.run(company);
    await approve('2026-02-03');
    await desk.run({ ...company, payouts });
    const found = await desk.warehouse.rows(
      'select kind, record_id, detail from attribution.commission_exception order by kind',
    );
    expect(found).toEqual([
      {
        kind: 'payout_unmatched',
        record_id: 'PO-2',
        detail: expect.stringMatching(/which is not of P-2.*1\.80 USD of it is .* recoverable from P-2/),
      },
    ]);
  });

  test('a payout above payable is recoverable and nets the next release (fine-print 29)', async () => {
    const payouts = ['2026-01-20 PO-1 P-1 100 USD'];
    await desk.run({ ...company, payouts });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 180n, recoverable: 100n, closing: 80n });
    await approve('2026-02-03');
    await desk.run({ ...company, payouts });
    expect(await liability('P-1', '2026-12')).toMatchObject({
      accrued: 0n,
      payable: 80n,
      recoverable: 0n,
      closing: 80n,
    });
  });

  test('refund before and after the payout give one lifetime total', async () => {
    const events = [...company.events, '2026-04-01 refund R-1 I-1 900 PY-1'];
    await desk.run(company);
    await approve('2026-02-03');
    await desk.run({ ...company, payouts: ['2026-03-01 PO-1 P-1 180 USD'], events });
    expect(await liability('P-1', '2026-12')).toMatchObject({
      accrued: 0n,
      payable: 0n,
      recoverable: 180n,
      closing: -180n,
    });
  });

  test('a partner disputes a line: it is held out of the release until it is resolved', async () => {
    await desk.run(company);
    const { statement_id } = await statement();
    const line = [...desk.books.ledger.entries()][0]!.entry_id;
    desk.decideAt('2026-02-01');
    decide('statement_dispute', {
      person: 'Pat',
      role: 'partner',
      subject_id: statement_id,
      detail: { line_ids: [line] },
    });
    await approve('2026-02-03');
    await desk.run(company);
    expect(await statement()).toMatchObject({ state: 'disputed' });
    expect(await liability('P-1', '2026-12')).toMatchObject({
      disputed: 180n,
      payable: 0n,
      recoverable: 0n,
      closing: 180n,
    });
    desk.decideAt('2026-03-01');
    decide('statement_resolve', { person: 'Erin', subject_id: statement_id });
    await desk.run(company);
    expect(await statement()).toMatchObject({ state: 'approved' });
    expect(await liability('P-1', '2026-12')).toMatchObject({ disputed: 0n, payable: 180n, closing: 180n });
  });

  test("a payer's dispute holds the commission on its payment until it ends", async () => {
    const events = [...company.events, '2026-01-15 dispute_opened A-1 I-1 900 PY-1'];
    await desk.run({ ...company, events });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 0n, disputed: 180n, closing: 180n });
    await desk.run({ ...company, events: [...events, '2026-03-15 dispute_lost A-2 I-1 900 PY-1'] });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 0n, disputed: 0n, closing: 0n });
  });

  test("a payer's dispute of a tenth of a payment holds a tenth of its commission; the rest stays payable", async () => {
    await desk.run(company);
    await approve('2026-02-03');
    const events = [...company.events, '2026-02-10 dispute_opened A-1 I-1 90 PY-1'];
    await desk.run({ ...company, events });
    expect(await liability('P-1', '2026-12')).toMatchObject({
      accrued: 0n,
      payable: 162n,
      disputed: 18n,
      closing: 180n,
    });
    await desk.run({ ...company, events: [...events, '2026-03-15 dispute_won A-2 I-1 90 PY-1'] });
    expect(await liability('P-1', '2026-12')).toMatchObject({
      accrued: 0n,
      payable: 180n,
      disputed: 0n,
      closing: 180n,
    });
  });

  test("a payer's disputes of one payment and day hold together", async () => {
    const opened = [90n, 180n].map((amount, index) => `2026-02-10 dispute_opened A-${index} I-1 ${amount} PY-1`);
    await desk.run({ ...company, events: [...company.events, ...opened] });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 126n, disputed: 54n });
  });

  test('a disputed line that was taken back holds nothing of other lines', async () => {
    const payments = ['2026-01-10 payment PY-1 I-1 450', '2026-01-11 payment PY-2 I-1 450'];
    await desk.run({ ...company, events: payments });
    const [line] = [...desk.books.ledger.entries()].filter(({ event_id }) => event_id === 'PY-1');
    const { statement_id } = await statement();
    decide('statement_dispute', { subject_id: statement_id, detail: { line_ids: [line!.entry_id] } });
    await desk.run({ ...company, events: payments });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 80n, disputed: 100n });
    await desk.run({ ...company, events: payments.slice(1) });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 90n, disputed: 0n });
  });

  test("the partner's dispute of a line and the payer's of its payment hold it once", async () => {
    await desk.run(company);
    const { statement_id } = await statement();
    const line = [...desk.books.ledger.entries()].find(({ invoice_line_id }) => invoice_line_id === 'L-2')!.entry_id;
    await approve('2026-02-03');
    desk.decideAt('2026-02-05');
    decide('statement_dispute', {
      person: 'Pat',
      role: 'partner',
      subject_id: statement_id,
      detail: { line_ids: [line] },
    });
    const events = [...company.events, '2026-02-10 dispute_opened A-1 I-1 90 PY-1'];
    await desk.run({ ...company, events });
    // The line of −20 is held whole, and of the 200 beside it a tenth.
    expect(await liability('P-1', '2026-12')).toMatchObject({
      accrued: 0n,
      payable: 180n,
      disputed: 0n,
      closing: 180n,
    });
  });
});
