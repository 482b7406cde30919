// Registrations by partner, months added up: volume, decisions and how fast they came, contests.
import type { RegistrationDecisionRow, RegistrationHealthRow } from './answers.js';
import { durationText, integerText, percentText, perMille } from './format.js';
import { type Column, table } from './table.js';

const names = [
  'registration_count',
  'approved_count',
  'rejected_count',
  'expired_count',
  'pending_count',
  'contested_count',
] as const;

type Counts = { readonly [Name in (typeof names)[number]]: number };

interface PartnerHealth extends Counts {
  readonly partner_id: string;
  readonly partner_name: string;
}

export function registrationHealth(
  months: readonly RegistrationHealthRow[],
  decisions: readonly RegistrationDecisionRow[],
): HTMLElement {
  const rows = byPartner(months);
  const count = (label: string, name: keyof Counts, isWide = false): Column<PartnerHealth> => ({
    label,
    align: 'right',
    isWide,
    value: (row) => integerText(row[name]),
    total: integerText(rows.reduce((sum, row) => sum + row[name], 0)),
  });
  return table({
    caption: 'Registrations by partner',
    rows,
    rowId: ({ partner_id }) => partner_id,
    first: 15,
    empty: 'No partner has registered a deal in these months.',
    columns: [
      { label: 'Partner', value: ({ partner_name }) => partner_name },
      count('Submitted', 'registration_count'),
      count('Approved', 'approved_count'),
      count('Rejected', 'rejected_count', true),
      count('Expired', 'expired_count', true),
      count('Not decided', 'pending_count', true),
      {
        label: 'Approval rate',
        align: 'right',
        value: approvalRate,
        total: approvalRate(added(rows)),
      },
      duration('Half decided within', 'median_decision_minutes', decisions),
      duration('Nine in ten', 'p90_decision_minutes', decisions),
      {
        label: 'Contested',
        align: 'right',
        isWide: true,
        value: contestRate,
        total: contestRate(added(rows)),
      },
    ],
  });
}

function duration(
  label: string,
  name: 'median_decision_minutes' | 'p90_decision_minutes',
  decisions: readonly RegistrationDecisionRow[],
): Column<PartnerHealth> {
  const of = (partner_id: string | null) =>
    durationText(decisions.find((decision) => decision.partner_id === partner_id)?.[name]);
  return { label, align: 'right', isWide: true, value: ({ partner_id }) => of(partner_id), total: of(null) };
}

function contestRate({ contested_count, registration_count }: Counts): string {
  return percentText(perMille(BigInt(contested_count), BigInt(registration_count)));
}

/** Of those that were decided; an expired one was not. */
function approvalRate({ approved_count, rejected_count }: Counts): string {
  return percentText(perMille(BigInt(approved_count), BigInt(approved_count + rejected_count)));
}

function byPartner(months: readonly RegistrationHealthRow[]): PartnerHealth[] {
  return [...Map.groupBy(months, ({ partner_id }) => partner_id)]
    .map(([partner_id, rows]) => ({
      partner_id,
      partner_name: rows[0]?.partner_name ?? partner_id,
      ...added(rows),
    }))
    .sort((left, right) => right.registration_count - left.registration_count);
}

function added(rows: readonly Counts[]): Counts {
  const sums = names.map((name) => [name, rows.reduce((sum, row) => sum + row[name], 0)]);
  return Object.fromEntries(sums) as unknown as Counts;
}
