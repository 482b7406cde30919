// PartnerStack's objects as canonical records: which field becomes which column. Custom fields stand in `field_data` or `meta`.
import { literal } from '../../../core/sql.ts';
import type { RecordMapping } from '../../api.ts';
import { type CustomFields, customFields } from '../../custom-fields.ts';
import { currentVersions } from '../../raw-schema.ts';
import { amountOfMinor, inOurWords, instantOfMilliseconds, upperCase } from '../../vendor-sql.ts';
import { customColumns, type Delivered, type PartnerStackOptions } from './options.ts';

export type MappingContext = { readonly source: string; readonly options: PartnerStackOptions };

const updated = { source_time: instantOfMilliseconds('updated_at') };

const customPlaces = ['$.field_data', '$.meta'];

function own(stream: Delivered, { options }: MappingContext, places = customPlaces): CustomFields {
  return customFields(customColumns[stream], { names: options.fields[stream], places });
}

export function partners(context: MappingContext): RecordMapping {
  const { fields, column } = own('partners', context);
  return {
    stream: 'partners',
    fields: {
      ...fields,
      key: '$.key',
      partner_key: '$.partner_key',
      team: '$.team.name',
      first_name: '$.first_name',
      last_name: '$.last_name',
      email: '$.email',
      slug: '$.group.slug',
      archived: '$.archived',
      approved_status: '$.approved_status',
      joined_at: '$.joined_at',
      created_at: '$.created_at',
      updated_at: '$.updated_at',
      manager: '$.manager.name',
      manager_first: '$.manager.first_name',
      manager_last: '$.manager.last_name',
    },
    columns: {
      partner_id: 'coalesce(partner_key, key)',
      name: `coalesce(team, nullif(concat_ws(' ', first_name, last_name), ''), email)`,
      motion: motionOf(context.options, column('motion')),
      tier: column('tier'),
      status: `coalesce(${column('status')}, CASE WHEN archived = 'true' THEN 'ended' WHEN coalesce(approved_status, 'approved') = 'approved' THEN 'active' ELSE 'inactive' END)`,
      joined_at: instantOfMilliseconds('coalesce(joined_at, created_at)'),
      ended_at: column('ended_at'),
      domain: `coalesce(${column('domain')}, nullif(regexp_extract(email, '@([^@]+)$', 1), ''))`,
      country: column('country'),
      currency: upperCase(column('currency')),
      manager: `coalesce(manager, nullif(concat_ws(' ', manager_first, manager_last), ''))`,
    },
    ...updated,
  };
}

/** A partner's programme is what its group says, else its own field, else the default of the source. */
function motionOf({ groups, motion }: PartnerStackOptions, field: string): string {
  return `coalesce(${bySlug(groups, 'motion')}, ${field}, ${literal(motion)})`;
}

function bySlug(groups: PartnerStackOptions['groups'], member: 'motion' | 'plan', slug = 'slug'): string {
  const branches = Object.entries(groups).flatMap(([name, group]) =>
    group[member] ? [`WHEN ${literal(name)} THEN ${literal(group[member])}`] : [],
  );
  return branches.length ? `CASE ${slug} ${branches.join(' ')} END` : 'NULL::VARCHAR';
}

/**
 * A group with a plan is an agreement of each of its partners. PartnerStack dates no membership: dates come from custom fields;
 * else an agreement starts when the partner joined or, where an earlier agreement is known, on the day of the move, and the
 * earlier one ends the day before. So what was earned under the former plan keeps it.
 */
export function agreements(context: MappingContext): RecordMapping {
  const { source, options } = context;
  const { fields, column } = own('partner_agreements', context);
  const day = (field: string) =>
    `strftime(timezone(${literal(options.time_zone)}, to_timestamp(try_cast(record ->> '$.${field}' AS DOUBLE) / 1000)), '%Y-%m-%d')`;
  const name = options.fields.partner_agreements?.agreement_id ?? 'agreement_id';
  const given = `coalesce(record -> '$.field_data' ->> ${literal(name)}, record -> '$.meta' ->> ${literal(name)})`;
  const membership = `(SELECT position, record, coalesce(record ->> '$.partner_key', record ->> '$.key') AS partner,
      record ->> '$.group.slug' AS slug, ${bySlug(options.groups, 'plan', `(record ->> '$.group.slug')`)} AS plan,
      ${day('updated_at')} AS moved_on, coalesce(${day('joined_at')}, ${day('created_at')}) AS joined_on, ${given} AS given_id
    FROM fetched WHERE kind = 'partnerships')`;
  const known = `(SELECT payload.agreement_id AS id, payload.partner_id AS partner, payload.plan AS plan,
      payload.starts_on AS starts_on, payload.ends_on AS ends_on
    FROM ${currentVersions('partnerstack', 'partner_agreements', source)} WHERE NOT is_deleted)`;
  return {
    stream: 'partner_agreements',
    relation: `(
      SELECT member.position, member.record, member.partner, member.plan, true AS is_present,
        coalesce(member.given_id, standing.id, member.partner || ':' || member.slug || CASE WHEN earlier.id IS NULL THEN '' ELSE ':' || member.moved_on END) AS id,
        coalesce(standing.starts_on, CASE WHEN former.partner IS NULL THEN member.joined_on ELSE member.moved_on END) AS since,
        NULL::VARCHAR AS until
      FROM ${membership} AS member
      LEFT JOIN ${known} AS standing ON standing.partner = member.partner AND standing.plan = member.plan AND standing.ends_on IS NULL
      LEFT JOIN ${known} AS earlier ON earlier.id = member.partner || ':' || member.slug
      LEFT JOIN (SELECT DISTINCT partner FROM ${known}) AS former ON former.partner = member.partner
      WHERE member.plan IS NOT NULL
      UNION ALL
      SELECT member.position, member.record, member.partner, past.plan, false, past.id, past.starts_on,
        coalesce(past.ends_on, strftime(member.moved_on::DATE - 1, '%Y-%m-%d'))
      FROM ${membership} AS member
      JOIN ${known} AS past ON past.partner = member.partner AND past.id IS DISTINCT FROM member.given_id
        AND (past.ends_on IS NOT NULL OR past.plan IS DISTINCT FROM member.plan))`,
    fields,
    columns: {
      agreement_id: 'id',
      partner_id: 'partner',
      plan: 'plan',
      starts_on: `CASE WHEN is_present THEN coalesce(${column('starts_on')}, since) ELSE since END`,
      ends_on: `CASE WHEN is_present THEN ${column('ends_on')} ELSE until END`,
    },
  };
}

const leadStatuses = {
  new: ['new', 'pending', 'submitted'],
  working: ['working', 'open', 'accepted', 'approved', 'qualified', 'contacted'],
  converted: ['converted', 'closed_won', 'won'],
  rejected: ['rejected', 'declined', 'disqualified', 'closed_lost', 'lost'],
};

export function leads(context: MappingContext): RecordMapping {
  const { fields, column } = own('leads', context);
  return {
    stream: 'leads',
    fields: {
      ...fields,
      key: '$.key',
      partner_key: '$.partner_key',
      status: '$.status',
      external_key: '$.external_key',
      created_at: '$.created_at',
      updated_at: '$.updated_at',
    },
    columns: {
      lead_id: 'key',
      partner_id: 'partner_key',
      account_id: column('account_id'),
      email: column('email'),
      domain: column('domain'),
      submitted_at: instantOfMilliseconds('created_at'),
      status: inOurWords('status', leadStatuses, context.options.lead_statuses),
      first_response_at: column('first_response_at'),
      deal_id: `coalesce(${column('deal_id')}, external_key)`,
      owner: column('owner'),
    },
    ...updated,
  };
}

const registrationStatuses = {
  pending: ['pending', 'submitted', 'new', 'in_review'],
  approved: ['approved', 'accepted', 'open', 'qualified', 'closed_won', 'closed_lost', 'won', 'lost'],
  rejected: ['rejected', 'declined'],
  expired: ['expired'],
};

/** A deal that a partner registered; the CRM's deal is its external key. An archived one was withdrawn. */
export function registrations(context: MappingContext): RecordMapping {
  const { fields, column } = own('deal_registrations', context);
  const theirs = `coalesce(${column('status')}, stage)`;
  return {
    stream: 'deal_registrations',
    fields: {
      ...fields,
      key: '$.key',
      partner_key: '$.partner_key',
      stage: '$.stage',
      archived: '$.archived',
      external_key: '$.external_key',
      created_at: '$.created_at',
      updated_at: '$.updated_at',
    },
    columns: {
      registration_id: 'key',
      partner_id: 'partner_key',
      account_id: column('account_id'),
      domain: column('domain'),
      deal_id: `coalesce(${column('deal_id')}, external_key)`,
      submitted_at: instantOfMilliseconds('created_at'),
      decided_at: column('decided_at'),
      status: inOurWords(theirs, registrationStatuses, context.options.registration_statuses),
      protection_ends_at: column('protection_ends_at'),
    },
    is_deleted: `coalesce(archived, 'false')`,
    ...updated,
  };
}

/**
 * A customer is whom a partner referred: a click on its link that became somebody. Whose account that is, only fields of the
 * company's own say; `customer_key` is one where it holds the CRM's id. Customers of trials of the programme are none.
 */
export function referrals(context: MappingContext): RecordMapping {
  const { fields, column } = own('touchpoints', context, [...customPlaces, '$']);
  return {
    stream: 'touchpoints',
    fields: {
      ...fields,
      key: '$.key',
      partner_key: '$.partner_key',
      is_test: '$.test',
      created_at: '$.created_at',
      updated_at: '$.updated_at',
    },
    columns: {
      touchpoint_id: 'key',
      occurred_at: instantOfMilliseconds('created_at'),
      account_id: column('account_id'),
      contact_id: column('contact_id'),
      deal_id: column('deal_id'),
      channel: `'partner'`,
      partner_id: 'partner_key',
      kind: `'referral_click'`,
      campaign: column('campaign'),
    },
    refusal: `CASE WHEN coalesce(partner_key, '') = '' THEN 'missing_partner_id:partner_id' END`,
    skip: `coalesce(is_test, 'false') = 'true'`,
    ...updated,
  };
}

/**
 * A reward that left is a payout. When it left is not said: `updated_at` of the first version seen as paid counts, and is kept
 * whatever happens to the reward later. One that failed afterwards, or is gone from what was re-read, is none any more.
 */
export function payouts({ source }: MappingContext): RecordMapping {
  const current = currentVersions('partnerstack', 'payouts', source);
  const within = `try_cast(payload.other::JSON ->> '$.created_at' AS BIGINT) BETWEEN (span.record ->> '$.from')::BIGINT AND (span.record ->> '$.to')::BIGINT`;
  return {
    stream: 'payouts',
    relation: `(SELECT fetched.position, fetched.record, known.payload.paid_at AS known_paid_at, known.record_key IS NOT NULL AS is_known
      FROM fetched LEFT JOIN (SELECT record_key, payload FROM ${current} WHERE NOT is_deleted) AS known
        ON known.record_key = (fetched.record ->> '$.key')
      WHERE fetched.kind = 'rewards')`,
    fields: {
      key: '$.key',
      partner_key: '$.partnership.partner_key',
      partnership_key: '$.partnership_key',
      status: '$.payment_status',
      amount: '$.amount',
      currency: '$.currency',
      invoice: '$.invoice.key',
      paid_at: '$.paid_at',
      updated_at: '$.updated_at',
    },
    columns: {
      payout_id: 'key',
      partner_id: 'coalesce(partner_key, partnership_key)',
      statement_id: 'invoice',
      paid_at: `coalesce(${instantOfMilliseconds('paid_at')}, known_paid_at, ${instantOfMilliseconds('updated_at')})`,
      amount: amountOfMinor('amount', `upper(coalesce(currency, 'USD'))`),
      currency: `upper(coalesce(currency, 'USD'))`,
    },
    is_deleted: `(status NOT IN ('withdrawn', 'paid_externally'))::VARCHAR`,
    skip: `coalesce(status, '') NOT IN ('withdrawn', 'paid_externally') AND NOT is_known`,
    replaces: {
      column: 'payout_id',
      parents: `SELECT payload.payout_id FROM ${current} AS known, fetched AS span WHERE span.kind = 'span' AND ${within}`,
    },
  };
}
