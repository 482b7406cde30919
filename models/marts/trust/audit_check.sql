-- Grain: check. A failed check of level block stops publishing; a new check is one model in audits/ and one line here.
with

checks as (
    {% for check in [
        'audit_conservation', 'audit_weights', 'audit_window_sensitivity', 'audit_invoices', 'audit_reconciliation',
        'audit_ledger', 'audit_quarantine_share', 'audit_loads', 'audit_freshness_age', 'audit_schema_drift',
        'audit_exceptions',
    ] -%}
    select * from {{ ref(check) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    name,
    level,
    case when is_passed then 'pass' else 'fail' end as status,
    detail
from checks
