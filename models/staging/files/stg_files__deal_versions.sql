-- Every known version of a deal with its partner field, for the first observation of a value (fine-print 12).
select
    version.source,
    version.record_key,
    version.payload.source_partner_id as source_partner_reference,
    {'observed_at': coalesce(version.source_time, load.completed_at), 'sequence': version.sequence} as version_order
from {{ source('raw', 'files_deals') }} as version
left join {{ source('raw', 'load') }} as load on load.load_id = version.load_id
where not version.is_deleted
