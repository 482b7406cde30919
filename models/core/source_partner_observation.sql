-- When a deal's partner field was first seen with each of its values (fine-print 12): from the first known version on, or at a later version's time.
with deal_version as (
    {{ union_of_sources('deal_versions') | indent }}
),

version as (
    select
        deal_version.source,
        deal_version.record_key,
        deal_version.source_partner_reference,
        {'observed_at': coalesce(deal_version.source_time, load.completed_at), 'sequence': deal_version.sequence} as version_order
    from deal_version
    left join {{ source('raw', 'load') }} as load on load.load_id = deal_version.load_id
),

first_version as (
    select source, record_key, min(version_order) as first_order
    from version
    group by source, record_key
),

value as (
    select source, record_key, source_partner_reference, min(version_order) as version_order
    from version
    where source_partner_reference is not null
    group by source, record_key, source_partner_reference
)

select
    value.source,
    value.record_key,
    value.source_partner_reference,
    value.version_order = first_version.first_order as is_from_creation,
    value.version_order.observed_at as observed_at
from value
inner join first_version
    on first_version.source = value.source and first_version.record_key = value.record_key
