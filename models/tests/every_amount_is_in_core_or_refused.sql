-- The money of each stream is the same in staging (decimal text) and in core (minor units) plus what was refused.
-- Compared in ten-thousandths of the major unit, over all currencies: a checksum, not a total.
{%- set streams = {
    'deals': {'amounts': ['amount'], 'alias': 'deal'},
    'subscriptions': {'amounts': ['mrr_amount']},
    'invoice_lines': {'amounts': ['amount', 'tax_amount', 'list_amount']},
    'payments': {'amounts': ['amount']},
    'payment_adjustments': {'amounts': ['amount', 'tax_amount']},
    'payouts': {'amounts': ['amount']},
} %}
with
{%- for stream, money in streams.items() %}
{{ stream }}_staged as (
    select (sum({{ ten_thousandths(money.amounts) }}) * 10000)::hugeint as total
    from ({{ union_of_sources(stream) }}) as record
),

{{ stream }}_refused as (
    select (sum({{ ten_thousandths(money.amounts) }}) * 10000)::hugeint as total
    from ({{ union_of_sources(stream) }}) as record
    where record.sequence in (
        select sequence from {{ ref('checked__' ~ stream) }}
        where refusal_reason is not null {{ 'or is_merged' if money.alias }}
    )
),

{{ stream }}_core as (
    select sum((
        {%- for amount in money.amounts %}coalesce(record.{{ amount }}_minor, 0)::hugeint{{ ' + ' if not loop.last }}{% endfor -%}
    ) * (10 ** (4 - currency.exponent))::hugeint) as total
    from {{ ref(stream) }} as record
    inner join {{ source('config', 'currency') }} as currency on currency.currency = record.currency
){{ ',' if not loop.last }}
{%- endfor %}

{%- for stream in streams %}
select '{{ stream }}' as stream, staged.total as staged_total, core.total as core_total, refused.total as refused_total
from {{ stream }}_staged as staged, {{ stream }}_core as core, {{ stream }}_refused as refused
where coalesce(staged.total, 0) <> coalesce(core.total, 0) + coalesce(refused.total, 0)
{{ 'union all' if not loop.last }}
{%- endfor %}
