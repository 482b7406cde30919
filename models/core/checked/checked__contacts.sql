-- Contacts of all sources with their account and the survivor of their merges. Where no source delivers contacts, references imply them.
with recursive delivered_contacts as (
    {{ union_of_sources('contacts') | indent }}
),

implied_contacts as (
    {{ implied_records('contacts', 'contact', ['touchpoints', 'deal_contacts']) | indent }}
),

contacts as (
    select * from delivered_contacts
    union all by name
    select * exclude (reference), source || ':' || reference as contact_id from implied_contacts
),

{{ merge_ctes('contacts', 'contact_id') }},

checked as (
    select
        contacts.* exclude (record_key, record_id, record, load_id, account_reference),
        account.account_id,
        coalesce(merge.survivor_id, contacts.contact_id) as survivor_id,
        merge.contact_id is not null as is_merged,
        {{ refusal_columns([
            ['merge.is_cycle', 'merge_cycle', "'merged into itself by way of ' || contacts.merged_into_reference"],
            ['merge.contact_id is not null and merge.survivor_id is null', 'unknown_contact', "'no contact ' || contacts.merged_into_reference"],
            unknown('account', 'contacts.account_reference', 'account.account_id'),
        ]) | indent(8) }}
    from contacts
    left join merge on merge.contact_id = contacts.contact_id
    left join {{ ref('account_reference') }} as account
        on account.source = contacts.source and account.reference = contacts.account_reference
)

{{ refuse_losers_of_refused_survivors('checked', 'contact_id', 'contact') }}
