// What partners were paid: on the 15th of each month, what was earned long enough ago, less what was taken back since.
import { amountText } from './billing.ts';
import { addMonths, at, type Day, toDate, toInstant, workday } from './calendar.ts';
import { createRandom } from './random.ts';
import type { Currency } from './setting.ts';
import type { CommissionDay } from './truth.ts';
import type { World } from './world.ts';

const STREAM_PAYOUTS = 0x7fff0005;
const HELD_DAYS = 45;
const SMALLEST_PAYOUT = 5_000n;

/** Writes the payouts of all partners, in order of partner, currency and date. */
export function writePayouts(world: World): void {
  const random = createRandom(world.setting.seed, STREAM_PAYOUTS);
  for (const key of [...world.truth.commission.keys()].sort()) {
    const [partnerId = '', currency = ''] = key.split('|');
    const days = [...world.truth.commission.get(key)!].sort(([a], [b]) => a - b);
    let paid = 0n;
    for (let month = world.setting.firstDay; month < world.setting.endDay; month = addMonths(month, 1)) {
      const day = workday(month + 14);
      const amount = earnedBy(days, day) - paid;
      if (amount < SMALLEST_PAYOUT || random.chance(0.03)) continue;
      paid += amount;
      world.sheets.write('payouts', {
        payout_id: world.nextId('PO'),
        partner_id: partnerId,
        paid_at: random.chance(0.5) ? toDate(day) : toInstant(at(day, 10 * 3600)),
        amount: amountText(amount),
        currency,
      });
      world.truth.recordPayout(partnerId, currency as Currency, day, amount);
    }
  }
}

/** Accruals that were held long enough on a day, less every return before it. */
function earnedBy(days: readonly (readonly [Day, CommissionDay])[], day: Day): bigint {
  return days.reduce((sum, [at, { accrued, clawedBack }]) => {
    const released = at <= day - HELD_DAYS ? accrued : 0n;
    return sum + released - (at < day ? clawedBack : 0n);
  }, 0n);
}
