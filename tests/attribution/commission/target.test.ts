import { describe, expect, test } from 'vitest';
import { fraction } from '../../../attribution/commission/fraction.ts';
import { balances, entries, half, version } from './history.ts';

const percent = (rate: string, more: Record<string, unknown> = {}) => ({ kind: 'percent', rate, ...more });
const marginal = (bands: [string, string][], per = 'lifetime') => ({
  kind: 'percent',
  tiers: { mode: 'marginal', per, bands: bands.map(([from, rate]) => ({ from, rate })) },
});
const cliff = (bands: [string, string][], per = 'lifetime') => ({
  kind: 'percent',
  tiers: { mode: 'cliff', per, bands: bands.map(([from, rate]) => ({ from, rate })) },
});

describe('percent of what is paid', () => {
  const deal = { D1: { version: version() } };

  test('a payment and its refund are two causes, never netted', () => {
    expect(
      entries(
        deal,
        `2026-01-10 D1 I1 pays    A=1000
         2026-02-10 D1 I1 refunds A=1000`,
      ),
    ).toEqual(['2026-01-10 accrual A 1:percent 200', '2026-02-10 clawback A 1:percent -200']);
  });

  test('5,000 of 10,000 received: 50 % earned (QuotaPath)', () => {
    const onFull = balances(deal, '2026-01-10 D1 I1 pays A=1000000');
    const onHalf = balances(deal, '2026-01-10 D1 I1 pays A=500000');
    expect([onFull, onHalf]).toEqual([['A 1:percent 200000'], ['A 1:percent 100000']]);
  });

  test('14.70 commission on 49.00, refunded: nothing remains (Tolt)', () => {
    const tolt = { D1: { version: version({ components: [percent('0.30')] }) } };
    expect(
      entries(
        tolt,
        `2026-01-10 D1 I1 pays    A=4900
         2026-01-20 D1 I1 refunds A=4900`,
      ),
    ).toEqual(['2026-01-10 accrual A 1:percent 1470', '2026-01-20 clawback A 1:percent -1470']);
  });

  test('197 credit, half refunded: 98 stays, 98.5 rounds half to even (Gumroad #6420)', () => {
    const gumroad = { D1: { version: version({ components: [percent('0.5')] }) } };
    expect(
      balances(
        gumroad,
        `2026-01-10 D1 I1 pays    A=394
         2026-01-20 D1 I1 refunds A=197`,
      ),
    ).toEqual(['A 1:percent 98']);
  });

  test('a negative line earns negatively, and both come back in full', () => {
    const table = `2026-01-10 D1 I1 pays    A=1000 B=-105`;
    expect(balances(deal, table)).toEqual(['A 1:percent 200', 'B 1:percent -21']);
    expect(balances(deal, `${table}\n2026-01-12 D1 I1 refunds A=1000 B=-105`)).toEqual([
      'A 1:percent 0',
      'B 1:percent 0',
    ]);
  });

  test('the target is rounded on the sum, not on each instalment (fine-print 23)', () => {
    expect(
      entries(
        deal,
        `2026-01-10 D1 I1 pays A=3
         2026-01-11 D1 I1 pays A=3
         2026-01-12 D1 I1 pays A=3`,
      ),
    ).toEqual(['2026-01-10 accrual A 1:percent 1', '2026-01-12 accrual A 1:percent 1']);
  });

  test('money received before the close takes effect at the close (fine-print 22)', () => {
    expect(entries(deal, '2025-12-20 D1 I1 pays A=1000')).toEqual(['2026-01-01 accrual A 1:percent 200']);
  });

  test('returns use the native ratio: no new rate enters (fine-print 23)', () => {
    expect(
      entries(
        deal,
        `2026-01-10 D1 I1 pays    A=1000@900
         2026-02-10 D1 I1 refunds A=250`,
      ),
    ).toEqual(['2026-01-10 accrual A 1:percent 180', '2026-02-10 clawback A 1:percent -45']);
  });

  test('without a rate nothing accrues, and the next payment with one does not make up for it (fine-print 18)', () => {
    expect(
      entries(
        deal,
        `2026-01-10 D1 I1 pays A=1000@-
         2026-01-11 D1 I1 pays A=1000`,
      ),
    ).toEqual(['2026-01-11 accrual A 1:percent 200']);
  });
});

describe('months of eligibility', () => {
  const deal = { D1: { version: version({ components: [percent('0.20', { months: 1 })] }), close: '2026-01-31' } };

  test('are counted from the close, the end date outside (fine-print 3)', () => {
    expect(
      entries(
        deal,
        `2026-02-27 D1 I1 pays A=1000
         2026-02-28 D1 I2 pays B=1000`,
      ),
    ).toEqual(['2026-02-27 accrual A 1:percent 200']);
  });

  test('a refund of a line paid inside and outside of them takes its part alone', () => {
    expect(
      balances(
        deal,
        `2026-02-10 D1 I1 pays    A=1000
         2026-03-10 D1 I1 pays    A=1000
         2026-03-20 D1 I1 refunds A=500`,
      ),
    ).toEqual(['A 1:percent 150']);
  });
});

describe('products', () => {
  test('a plan for some products ignores the others, and lines without one', () => {
    const deal = { D1: { version: version({ products: ['core'] }) } };
    expect(balances(deal, '2026-01-10 D1 I1 pays A=1000/core B=1000/other C=1000')).toEqual(['A 1:percent 200']);
  });
});

describe('clawback days', () => {
  const deal = { D1: { version: version({ clawback_days: 30 }) } };

  test('run from the last payment of the invoice; the last day still counts (fine-print 26)', () => {
    expect(
      entries(
        deal,
        `2026-01-10 D1 I1 pays    A=1000
         2026-02-01 D1 I1 pays    A=1000
         2026-03-03 D1 I1 refunds A=500
         2026-03-04 D1 I1 refunds A=500`,
      ),
    ).toEqual([
      '2026-01-10 accrual A 1:percent 200',
      '2026-02-01 accrual A 1:percent 200',
      '2026-03-03 clawback A 1:percent -100',
    ]);
  });

  test('a dispute that is won first undoes the late returns', () => {
    expect(
      entries(
        deal,
        `2026-01-10 D1 I1 pays    A=1000
         2026-01-20 D1 I1 refunds A=200
         2026-03-01 D1 I1 loses   A=300
         2026-03-20 D1 I1 wins    A=300
         2026-03-21 D1 I1 wins    A=100`,
      ),
    ).toEqual([
      '2026-01-10 accrual A 1:percent 200',
      '2026-01-20 clawback A 1:percent -40',
      '2026-03-21 accrual A 1:percent 20',
    ]);
  });
});

describe('marginal tiers', () => {
  test('180,000 at 5 % to 100,000 then 7 % = 10,600 (ground truth 9)', () => {
    const deal = {
      D1: {
        version: version({
          components: [
            marginal([
              ['0', '0.05'],
              ['100000', '0.07'],
            ]),
          ],
        }),
      },
    };
    expect(balances(deal, '2026-01-10 D1 I1 pays A=18000000')).toEqual(['A 1:percent 1060000']);
  });

  const deal = {
    D1: {
      version: version({
        components: [
          marginal(
            [
              ['0', '0.10'],
              ['10.00', '0.20'],
            ],
            'month',
          ),
        ],
      }),
    },
  };

  test('lines of one event take their place in the order of their ids', () => {
    expect(balances(deal, '2026-01-10 D1 I1 pays A=800 B=400')).toEqual(['A 1:percent 80', 'B 1:percent 60']);
  });

  test('each period starts anew', () => {
    expect(
      balances(
        deal,
        `2026-01-31 D1 I1 pays A=1200
         2026-02-01 D1 I2 pays B=1000`,
      ),
    ).toEqual(['A 1:percent 140', 'B 1:percent 100']);
  });

  test('a return lowers the period it happens in by returned / gross of what the line added (fine-print 24)', () => {
    expect(
      balances(
        deal,
        `2026-01-10 D1 I1 pays    A=1000
         2026-01-11 D1 I1 refunds A=500
         2026-01-12 D1 I2 pays    B=600`,
      ),
    ).toEqual(['A 1:percent 50', 'B 1:percent 70']);
  });

  test('a late return does not lower the measure (fine-print 26)', () => {
    const short = {
      D1: {
        version: version({
          clawback_days: 0,
          components: [
            marginal(
              [
                ['0', '0.10'],
                ['10.00', '0.20'],
              ],
              'month',
            ),
          ],
        }),
      },
    };
    expect(
      balances(
        short,
        `2026-01-10 D1 I1 pays    A=1000
         2026-01-11 D1 I1 refunds A=500
         2026-01-12 D1 I2 pays    B=600`,
      ),
    ).toEqual(['A 1:percent 100', 'B 1:percent 120']);
  });
});

describe('cliff tiers', () => {
  const bands: [string, string][] = [
    ['0', '0'],
    ['1000.00', '0.02'],
    ['2000.00', '0.05'],
  ];

  test.each([
    [90_000, 0],
    [190_000, 3_800],
    [200_000, 10_000],
  ])('%i earns %i: 2 %% of all from 1,000, 5 %% of all from 2,000 (after EY 28.90)', (amount, commission) => {
    const deal = { D1: { version: version({ components: [cliff(bands)] }) } };
    expect(balances(deal, `2026-01-10 D1 I1 pays A=${amount}`)).toEqual(
      commission ? [`A 1:percent ${commission}`] : [],
    );
  });

  const deal = { D1: { version: version({ components: [cliff(bands, 'quarter')] }) } };

  test('reaching a band raises the earlier amounts of the period by true_up, on the own line too', () => {
    expect(
      entries(
        deal,
        `2026-01-10 D1 I1 pays A=90000
         2026-02-10 D1 I2 pays B=100000
         2026-03-10 D1 I2 pays B=10000`,
      ),
    ).toEqual([
      '2026-02-10 accrual B 1:percent 2000',
      '2026-02-10 true_up A 1:percent 1800',
      '2026-03-10 accrual B 1:percent 500',
      '2026-03-10 true_up A 1:percent 2700',
      '2026-03-10 true_up B 1:percent 3000',
    ]);
  });

  test('a refund never lowers what was raised, but later amounts stand at the lower band', () => {
    expect(
      balances(
        deal,
        `2026-01-10 D1 I1 pays    A=100000
         2026-01-11 D1 I2 pays    B=50000
         2026-01-12 D1 I1 refunds A=60000
         2026-01-13 D1 I3 pays    C=1000`,
      ),
    ).toEqual(['A 1:percent 800', 'B 1:percent 1000']);
  });

  test('what is raised to a middle band leaves what stands at a higher one', () => {
    expect(
      balances(
        deal,
        `2026-01-10 D1 I1 pays    A=200000
         2026-01-11 D1 I1 refunds A=150000
         2026-01-12 D1 I2 pays    B=40000
         2026-01-13 D1 I3 pays    C=20000`,
      ),
    ).toEqual(['A 1:percent 2500', 'B 1:percent 800', 'C 1:percent 400']);
  });

  test('the tier is read after the whole event', () => {
    expect(balances(deal, '2026-01-10 D1 I1 pays A=60000 B=50000 C=-20000')).toEqual([]);
    expect(balances(deal, '2026-01-10 D1 I1 pays A=60000 B=50000')).toEqual(['A 1:percent 1200', 'B 1:percent 1000']);
  });
});

describe('caps', () => {
  test('a line takes room where it first accrued, whichever of its components came later (fine-print 25)', () => {
    const tiers = {
      mode: 'marginal',
      per: 'lifetime',
      bands: [
        { from: '0', rate: '0' },
        { from: '10.00', rate: '0.10' },
      ],
    };
    const twofold = version({
      components: [
        { kind: 'percent', tiers },
        { kind: 'percent', rate: '0.05' },
      ],
      cap: { per: 'month', amount: '1.00' },
    });
    expect(
      entries(
        { D1: { version: twofold } },
        `2026-01-10 D1 I1 pays A=1000
         2026-01-11 D1 I2 pays B=800
         2026-02-12 D1 I1 pays A=200`,
      ),
    ).toEqual([
      '2026-01-10 accrual A 2:percent 50',
      '2026-01-11 accrual B 1:percent 50',
      '2026-02-12 accrual A 1:percent 20',
      '2026-02-12 accrual A 2:percent 10',
      '2026-02-12 true_up B 1:percent -30',
    ]);
  });

  const capped = version({ cap: { per: 'customer', amount: '3.00' } });

  test('lines take their room in the order of their first accrual, over deals of a customer, for life', () => {
    const deals = {
      D1: { version: capped, customer: 7 },
      D2: { version: capped, customer: 7 },
      D3: { version: capped, customer: 8 },
    };
    expect(
      balances(
        deals,
        `2026-01-10 D1 I1 pays A=1000
         2027-01-11 D2 I2 pays B=1000
         2027-01-12 D3 I3 pays C=1000`,
      ),
    ).toEqual(['A 1:percent 200', 'B 1:percent 100', 'C 1:percent 200']);
  });

  test('room that a refund gives back goes to the next line as true_up (fine-print 25)', () => {
    expect(
      entries(
        { D1: { version: capped } },
        `2026-01-10 D1 I1 pays    A=1000
         2026-01-11 D1 I1 pays    B=1000
         2026-01-12 D1 I1 refunds A=250`,
      ),
    ).toEqual([
      '2026-01-10 accrual A 1:percent 200',
      '2026-01-11 accrual B 1:percent 100',
      '2026-01-12 clawback A 1:percent -50',
      '2026-01-12 true_up B 1:percent 50',
    ]);
  });

  test('an earlier line that earns more takes room from a later one', () => {
    expect(
      entries(
        { D1: { version: capped } },
        `2026-01-10 D1 I1 pays A=500
         2026-01-11 D1 I2 pays B=1000
         2026-01-12 D1 I1 pays A=500`,
      ),
    ).toEqual([
      '2026-01-10 accrual A 1:percent 100',
      '2026-01-11 accrual B 1:percent 200',
      '2026-01-12 accrual A 1:percent 100',
      '2026-01-12 true_up B 1:percent -100',
    ]);
  });

  test('a period is that of the first accrual', () => {
    const quarterly = version({ cap: { per: 'quarter', amount: '3.00' } });
    expect(
      balances(
        { D1: { version: quarterly } },
        `2026-03-31 D1 I1 pays A=1000
         2026-04-01 D1 I1 pays A=1000
         2026-04-02 D1 I2 pays B=1000`,
      ),
    ).toEqual(['A 1:percent 300', 'B 1:percent 200']);
  });

  test('a payment that earns nothing in its band takes neither place nor period', () => {
    const tiers = [
      ['0', '0'],
      ['10', '0.20'],
    ] satisfies [string, string][];
    const monthly = version({
      components: [marginal(tiers, 'fiscal_year')],
      cap: { per: 'month', amount: '3.00' },
    });
    expect(
      entries(
        { D1: { version: monthly } },
        `2026-01-10 D1 I1 pays A=1000
         2026-02-10 D1 I2 pays B=1000
         2026-02-11 D1 I1 pays A=1000`,
      ),
    ).toEqual(['2026-02-10 accrual B 1:percent 200', '2026-02-11 accrual A 1:percent 100']);
  });
});

describe('flats', () => {
  const flat = (once_per: string) => ({ kind: 'flat', amount: '2.50', once_per });

  test('once per customer over all plans, on the first line with a positive payment', () => {
    const deals = {
      D1: { version: version({ components: [flat('customer')] }), customer: 1 },
      D2: { version: version({ plan: 'other', components: [flat('customer')] }), customer: 1 },
      D3: { version: version({ components: [flat('deal')] }), customer: 1 },
    };
    expect(
      entries(
        deals,
        `2026-01-10 D1 I1 pays A=-100 B=500 C=500
         2026-01-11 D1 I2 pays E=500
         2026-01-12 D2 I3 pays F=500
         2026-01-13 D3 I4 pays G=500`,
      ),
    ).toEqual(['2026-01-10 accrual B 1:flat 250', '2026-01-13 accrual G 1:flat 250']);
  });

  test('follows its line: half refunded, half gone; paid again, back', () => {
    expect(
      entries(
        { D1: { version: version({ components: [flat('deal')] }) } },
        `2026-01-10 D1 I1 pays    A=1000
         2026-01-11 D1 I1 loses   A=500
         2026-01-12 D1 I1 wins    A=500`,
      ),
    ).toEqual([
      '2026-01-10 accrual A 1:flat 250',
      '2026-01-11 clawback A 1:flat -125',
      '2026-01-12 accrual A 1:flat 125',
    ]);
  });

  test('is not paid for influence', () => {
    const deal = { D1: { version: version({ components: [flat('deal')] }), role: 'influenced' as const } };
    expect(entries(deal, '2026-01-10 D1 I1 pays A=1000')).toEqual([]);
  });
});

describe('the influenced pool', () => {
  test('base × rate × share ÷ partners, exact until the end (fine-print 27)', () => {
    const deal = { D1: { version: version(), role: 'influenced' as const, share: fraction(1n, 6n) } };
    expect(
      entries(
        deal,
        `2026-01-10 D1 I1 pays A=1000
         2026-01-11 D1 I1 pays A=1000
         2026-01-12 D1 I1 pays A=1000`,
      ),
    ).toEqual([
      '2026-01-10 accrual A 1:percent 33',
      '2026-01-11 accrual A 1:percent 34',
      '2026-01-12 accrual A 1:percent 33',
    ]);
  });

  test('counts towards the tiers with its share', () => {
    const tiered = version({
      components: [
        marginal([
          ['0', '0.10'],
          ['10.00', '0.20'],
        ]),
      ],
    });
    const deals = { D1: { version: tiered, role: 'influenced' as const, share: half }, D2: { version: tiered } };
    expect(
      balances(
        deals,
        `2026-01-10 D1 I1 pays A=1000
         2026-01-11 D2 I2 pays B=1000`,
      ),
    ).toEqual(['A 1:percent 50', 'B 1:percent 150']);
  });
});

describe('versions', () => {
  test('a rate that locks at the payment prices each payment by its own version', () => {
    const first = version({ rate_locked_at: 'payment' });
    const second = version({ rate_locked_at: 'payment', starts_on: '2026-02-01', components: [percent('0.10')] });
    const deals = { D1: { version: first }, D2: { version: second } };
    expect(
      balances(
        deals,
        `2026-01-10 D1 I1 pays A=1000
         2026-02-10 D2 I1 pays A=1000
         2026-02-11 D2 I1 refunds A=1000`,
      ),
    ).toEqual(['A 1:percent 150']);
  });

  test('a return is its payment’s: its own day decides neither what is paid for nor how long it is taken back', () => {
    const first = version({ rate_locked_at: 'payment', products: ['core'], clawback_days: 60 });
    const second = version({
      rate_locked_at: 'payment',
      starts_on: '2026-02-01',
      products: ['other'],
      clawback_days: 0,
    });
    const deals = { D1: { version: first }, D2: { version: second } };
    expect(
      entries(
        deals,
        `2026-01-10 D1 I1 pays    A=1000/core
         2026-03-11 D2 I1 refunds A=400/core
         2026-03-12 D2 I1 refunds A=400/core`,
      ),
    ).toEqual(['2026-01-10 accrual A 1:percent 200', '2026-03-11 clawback A 1:percent -80']);
  });

  test('a payment that its version does not pay for takes its part of a return', () => {
    const first = version({ rate_locked_at: 'payment', products: ['core'] });
    const second = version({ rate_locked_at: 'payment', starts_on: '2026-02-01', products: ['other'] });
    expect(
      balances(
        { D1: { version: first }, D2: { version: second } },
        `2026-01-10 D1 I1 pays    A=1000/core
         2026-02-10 D2 I1 pays    A=1000/core
         2026-02-11 D2 I1 refunds A=1000/core`,
      ),
    ).toEqual(['A 1:percent 100']);
  });

  test('periods of different lengths that start on one day are measured apart', () => {
    const tiers = [
      ['0', '0.10'],
      ['10', '0.20'],
    ] satisfies [string, string][];
    const monthly = version({ components: [marginal(tiers, 'month')] });
    const yearly = version({ starts_on: '2025-12-15', components: [marginal(tiers, 'fiscal_year')] });
    expect(
      balances(
        { D1: { version: monthly }, D2: { version: yearly } },
        `2026-01-10 D1 I1 pays A=1000
         2026-01-11 D2 I2 pays B=1000`,
      ),
    ).toEqual(['A 1:percent 100', 'B 1:percent 100']);
  });

  test('versions share the measure of a cliff, and each raises its own payments by its own bands', () => {
    const first = version({ components: [cliff([['0', '0.10']])] });
    const second = version({
      starts_on: '2025-06-01',
      components: [
        cliff([
          ['0', '0.20'],
          ['20', '0.30'],
        ]),
      ],
    });
    expect(
      balances(
        { D1: { version: first }, D2: { version: second } },
        `2026-01-10 D1 I1 pays A=1000
         2026-01-11 D2 I2 pays B=500
         2026-01-12 D2 I2 pays B=500`,
      ),
    ).toEqual(['A 1:percent 100', 'B 1:percent 300']);
  });
});
