// What a contact's analytics properties tell as touches: the first visit and the conversions by forms.
import type { RecordMapping } from '../../api.ts';
import { pathsOf } from './fields.ts';
import { own, versioned } from './record.ts';

/** Touches that a contact's analytics properties tell: suffix of the id, when, what. */
const conversions = [
  {
    suffix: 'first_visit',
    at: 'hs_analytics_first_timestamp',
    kind: 'first_visit',
    campaign: 'hs_analytics_source_data_1',
    channel: `CASE p_hs_analytics_source WHEN 'EMAIL_MARKETING' THEN 'email' WHEN 'SOCIAL_MEDIA' THEN 'social'
      WHEN 'REFERRALS' THEN 'referral' WHEN 'DIRECT_TRAFFIC' THEN 'direct' ELSE lower(p_hs_analytics_source) END`,
  },
  {
    suffix: 'first_conversion',
    at: 'first_conversion_date',
    kind: 'form_fill',
    campaign: 'first_conversion_event_name',
    channel: `'website'`,
  },
  {
    suffix: 'recent_conversion',
    at: 'recent_conversion_date',
    kind: 'form_fill',
    campaign: 'recent_conversion_event_name',
    channel: `'website'`,
  },
] as const;

export const contactTouchProperties = [
  'hs_analytics_source',
  ...conversions.flatMap(({ at, campaign }) => [at, campaign]),
];

function conversionMapping({ suffix, at, kind, campaign, channel }: (typeof conversions)[number]): RecordMapping {
  const isFirst = suffix === 'recent_conversion' ? ' OR p_recent_conversion_date = p_first_conversion_date' : '';
  return {
    stream: 'touchpoints',
    relation: `(SELECT position, record FROM fetched WHERE kind = 'contacts')`,
    fields: {
      ...own,
      ...pathsOf(['hs_analytics_source', 'first_conversion_date', at, campaign, 'associatedcompanyid']),
    },
    columns: {
      touchpoint_id: `id || ':${suffix}'`,
      occurred_at: `p_${at}`,
      account_id: 'p_associatedcompanyid',
      contact_id: 'id',
      channel,
      kind: `'${kind}'`,
      campaign: `p_${campaign}`,
    },
    ...versioned,
    // What sales typed in by hand (OFFLINE) is no touch.
    skip: `coalesce(p_${at}, '') = ''${suffix === 'first_visit' ? ` OR coalesce(p_hs_analytics_source, 'OFFLINE') = 'OFFLINE'` : ''}${isFirst}`,
  };
}

/** The mappings of all of them, over the pages of contacts. */
export const contactTouchMappings: readonly RecordMapping[] = conversions.map(conversionMapping);
