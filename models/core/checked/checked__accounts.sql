-- Accounts of all sources with the survivor of their merges. Where no source delivers accounts, references imply them (id = name).
with recursive delivered_accounts as (
    {{ union_of_sources('accounts') | indent }}
),

implied_accounts as (
    {{ implied_records('accounts', 'account', ['contacts', 'leads', 'deals', 'deal_registrations', 'touchpoints', 'account_overlaps', 'billing_customers']) | indent }}
),

accounts as (
    select * from delivered_accounts
    union all by name
    select * exclude (reference), reference as name, source || ':' || reference as account_id from implied_accounts
),

{{ merge_ctes('accounts', 'account_id') }},

checked as (
    select
        accounts.* exclude (record_key, record_id, record, load_id, merged_into_reference),
        coalesce(merge.survivor_id, accounts.account_id) as survivor_id,
        merge.account_id is not null as is_merged,
        {{ refusal_columns([
            ['merge.is_cycle', 'merge_cycle', "'merged into itself by way of ' || accounts.merged_into_reference"],
            ['merge.account_id is not null and merge.survivor_id is null', 'unknown_account', "'no account ' || accounts.merged_into_reference"],
        ]) | indent(8) }}
    from accounts
    left join merge on merge.account_id = accounts.account_id
)

select * from checked
