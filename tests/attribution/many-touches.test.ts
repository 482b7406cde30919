// More than ten thousand touches at one instant: all count, and their order is that of their ids (bad-inputs, CRM).
import { expect, test } from 'vitest';
import { attribute, configOf } from './company.ts';

const TOUCHES = 12_000;

test(`${TOUCHES} touches at one instant are all there, in the order of their ids`, { timeout: 60_000 }, async () => {
  const config = configOf({ attribution: { methods: ['first_touch', 'last_touch', 'linear'] } });
  const touchpoints = Array.from({ length: TOUCHES }, (_, index) => ({
    // ids by bytes: T 0, T 1, T 10, T 100 … T 9999; the first is the event's, the last the partner's
    id: `T ${index}`,
    account: 'A',
    occurred_at: '2026-02-01T12:00:00Z',
    ...(index === 0 ? { channel: 'event' } : index === 9999 ? { partner: 'P1' } : { channel: 'sales' }),
  }));
  const company = {
    partners: [{ id: 'P1' }],
    accounts: [{ id: 'A' }],
    deals: [{ id: 'D', account: 'A', created_at: '2026-01-15', closed_at: '2026-03-01', is_won: true }],
    touchpoints,
  };
  const { weights, influence } = await attribute(company, config);
  expect(weights.D).toMatchObject({
    event: { first_touch: 1_000_000_000, last_touch: 0, linear: 83_333 },
    P1: { first_touch: 0, last_touch: 1_000_000_000, linear: 83_334 },
    sales: { first_touch: 0, last_touch: 0, linear: 999_833_333 },
  });
  expect(influence.D).toHaveLength(1);
  expect(await attribute({ ...company, touchpoints: [...touchpoints].reverse() }, config)).toEqual({
    ...(await attribute(company, config)),
  });
});
