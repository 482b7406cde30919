// How fast registrations were decided, against a list of minutes written by hand.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tinyApp } from './fixture.ts';

/** Minutes to the decision of registrations submitted on a day, at 03:00 UTC: in New York that is the day before. */
const DECISIONS: readonly [partner: string, submitted: string, minutes: number | null][] = [
  ['crm:P-1', '2026-01-10', 60],
  ['crm:P-1', '2026-01-11', 120],
  ['crm:P-1', '2026-01-12', 600],
  ['crm:P-1', '2026-02-01', 7], // still January there
  ['crm:P-1', '2026-02-02', 9], // February
  ['crm:P-1', '2026-01-13', null],
  ['crm:P-2', '2026-01-14', 30],
  ['crm:P-2', '2026-01-15', 60 * 24 * 365], // decided after the business clock
];

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp({
    replaced: {
      fct_registration: DECISIONS.map(([partner_id, day, minutes], index) => ({
        registration_id: `crm:R-${index}`,
        partner_id,
        account_id: null,
        domain: null,
        deal_id: null,
        status: minutes === null ? 'pending' : 'approved',
        submitted_at: `${day}T03:00:00Z`,
        decided_at: minutes === null ? null : Temporal.Instant.from(`${day}T03:00:00Z`).add({ minutes }).toString(),
        protection_ends_at: null,
      })),
    },
  });
});
afterAll(() => tiny.close());

test('median and 90th percentile of all and of each, by local month of submission', async () => {
  const { items } = (await tiny.get('/v1/registrations/decisions?month=2026-01')).json();
  expect(
    items.map((row: Record<string, unknown>) => [
      row.scope_kind,
      row.partner_id,
      row.decided_count,
      row.median_decision_minutes,
      row.p90_decision_minutes,
    ]),
  ).toEqual([
    ['all', null, 5, 60, 600],
    ['partner', 'crm:P-1', 4, 60, 600],
    ['partner', 'crm:P-2', 1, 30, 30],
  ]);
});
