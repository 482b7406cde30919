// The roll-forward of a month: the same steps as a waterfall and as a table that foots.
import type { LiabilityRow, LiabilityTotal } from './answers.js';
import type { Money } from './format.js';
import { exponentOf, minor, toMoney } from './money.js';

/** The movements of a month. `sign` is how a column enters the sum (domain §9). */
export const movements = [
  { name: 'accrued', label: 'Accrued', sign: 1n },
  { name: 'clawed_back', label: 'Clawed back', sign: -1n },
  { name: 'true_up', label: 'True-up', sign: 1n },
  { name: 'prior_period', label: 'Prior period', sign: 1n },
  { name: 'written_off', label: 'Written off', sign: -1n },
  { name: 'paid', label: 'Paid', sign: -1n },
] as const;

/** One line of the roll-forward in one currency; movements carry the sign with which they are added. */
export interface Roll {
  readonly key: string;
  readonly label: string;
  readonly currency: string;
  readonly opening: Money;
  readonly closing: Money;
  readonly contingent: Money | null;
  /** Only in the reporting currency: what the month end's rate changed. */
  readonly fx: Money | null;
  readonly moved: ReadonlyMap<string, Money>;
  readonly explain_id: string;
}

export type RollMode = 'native' | 'reporting';

/** A partner's line, in its own currency or in the reporting one; undefined where no rate converts it. */
export function rollOf(row: LiabilityRow, mode: RollMode): Roll | undefined {
  const pick = (name: string) =>
    row[(mode === 'native' ? name : `reporting_${name}`) as keyof LiabilityRow] as Money | null;
  const [opening, closing] = [pick('opening'), pick('closing')];
  if (!opening || !closing) return undefined;
  return {
    key: `${row.partner_id}/${row.currency}`,
    label: row.partner_name ?? row.partner_id,
    currency: row.currency,
    opening,
    closing,
    contingent: pick('contingent'),
    fx: mode === 'reporting' ? row.fx : null,
    moved: signed(pick),
    explain_id: row.explain_id,
  };
}

/** The line of all partners. */
export function totalRoll(total: LiabilityTotal | LiabilityRow, label: string): Roll {
  const pick = (name: string) => total[name as keyof typeof total] as Money | null;
  const isReporting = !('currency' in total);
  return {
    key: `total/${total.closing.currency}`,
    label,
    currency: total.closing.currency,
    opening: total.opening,
    closing: total.closing,
    contingent: total.contingent,
    fx: isReporting ? total.fx : null,
    moved: signed(pick),
    explain_id: `liability/${total.month}`,
  };
}

function signed(pick: (name: string) => Money | null): Map<string, Money> {
  return new Map(
    movements.flatMap(({ name, sign }) => {
      const amount = pick(name);
      return amount ? [[name, toMoney(sign * minor(amount), amount.currency, exponentOf(amount))] as const] : [];
    }),
  );
}

/** Closing − (opening + movements + fx): zero, to the minor unit, or the line does not foot. */
export function footing({ opening, closing, fx, moved }: Roll): bigint {
  const added = [...moved.values()].reduce((sum, amount) => sum + minor(amount), minor(opening) + minor(fx));
  return minor(closing) - added;
}
