-- Grain: check. A failed check of level block stops publishing; a new check is one model in audits/ and one line here.
-- `query` is the compiled SQL of the check's model, with that of the model it `reads` before it.
with

checks as (
    {% for check in [
        'audit_conservation', 'audit_weights', 'audit_window_sensitivity', 'audit_invoices', 'audit_reconciliation',
        'audit_ledger', 'audit_quarantine_share', 'audit_loads', 'audit_freshness_age', 'audit_schema_drift',
        'audit_exceptions',
    ] -%}
    select *, '{{ check }}' as model from {{ ref(check) }}
    {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

queries as (
    {{ kept_queries() }}
)

select
    checks.name,
    checks.level,
    case when checks.is_passed then 'pass' else 'fail' end as status,
    checks.detail,
    concat_ws(e'\n\n', '-- ' || checks.reads || e':\n' || beneath.query, '-- ' || checks.model || e':\n' || own.query) as query
from checks
left join queries as own on checks.model = own.model
left join queries as beneath on checks.reads = beneath.model
