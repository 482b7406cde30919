{# How core is put together: the union over connectors, references between records, amounts, refusals. #}

{# The connectors whose streams are staged. Adding a connector is one line here (its name and what it `delivers`, as in its .ts) and
   one in dbt_project.yml. Only those that the workspace's sourced.yaml names are built; files always are: they type every stream. #}
{% macro staged_connectors() %}
{%- set streams_by_connector = {
    'files': canonical_streams(),
    'salesforce': ['accounts', 'contacts', 'leads', 'deals', 'deal_stages', 'deal_contacts', 'deal_registrations', 'touchpoints'],
    'hubspot': ['partners', 'accounts', 'contacts', 'leads', 'deals', 'deal_stages', 'deal_contacts', 'deal_registrations', 'touchpoints'],
    'crossbeam': ['account_overlaps'],
    'partnerstack': ['partners', 'partner_agreements', 'leads', 'deal_registrations', 'touchpoints', 'payouts'],
    'chargebee': ['billing_customers', 'subscriptions', 'invoices', 'invoice_lines', 'payments', 'payment_adjustments'],
    'stripe': ['billing_customers', 'subscriptions', 'invoices', 'invoice_lines', 'payments', 'payment_adjustments'],
    'airbyte_source': canonical_streams(),
    'airbyte_api': canonical_streams(),
} -%}
{%- set staged = {} -%}
{%- for connector, streams in streams_by_connector.items() if connector in env_var('SOURCED_CONNECTORS', 'files').split(',') -%}
    {%- do staged.update({connector: streams}) -%}
{%- endfor -%}
{{ return(staged) }}
{% endmacro %}

{# The staged connectors that deliver a stream, as a list of names. `deal_versions` comes with deals. #}
{% macro connectors_of(stream) %}
{%- set delivering = [] -%}
{%- for connector, streams in staged_connectors().items() if ('deals' if stream == 'deal_versions' else stream) in streams -%}
    {%- do delivering.append(connector) -%}
{%- endfor -%}
{{ return(delivering) }}
{% endmacro %}

{# One canonical stream over all connectors. #}
{% macro union_of_sources(stream) %}
{%- for connector in connectors_of(stream) -%}
select * from {{ ref('stg_' ~ connector ~ '__' ~ stream) }}
{%- if not loop.last %} union all by name {% endif -%}
{%- endfor -%}
{% endmacro %}

{# What a reference means to each source: the record of its own source, else the only one of that native or canonical id over all sources
   (fine-print 5). `records` has source, record_id (native) and `columns` that the reference gives; merged records give their survivor. #}
{% macro references_to(records, columns) %}
with record as (
    {{ records }}
),
other_form as (
    select source, {{ other_salesforce_form('record_id') }} as reference, {{ columns | join(', ') }} from record
    where strlen(record_id) in (15, 18)
),
own as (
    select source, record_id as reference, {{ columns | join(', ') }} from record
    union all by name
    select * from other_form
    anti join record on record.source = other_form.source and record.record_id = other_form.reference
    where reference is not null
),
unique_over_sources as (
    select reference, {% for column in columns %}any_value({{ column }}) as {{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from (
        select * from own
        union all by name
        select * replace (source || ':' || reference as reference) from own
    ) as named
    where (select count(*) from {{ source('config', 'source') }}) > 1
    group by reference
    having count(distinct {{ columns[0] }}) = 1
),
elsewhere as (
    select config_source.source, unique_over_sources.*
    from unique_over_sources
    cross join {{ source('config', 'source') }} as config_source
    anti join own on own.source = config_source.source and own.reference = unique_over_sources.reference
)
select * from own
union all by name
select * from elsewhere
{% endmacro %}

{# A Salesforce id with its three check characters, or without them: both are one id (domain.md 1). Null for other ids. #}
{% macro other_salesforce_form(id) -%}
case
    when not regexp_full_match({{ id }}, '[0-9A-Za-z]{15}([A-Z0-5]{3})?') then null
    when strlen({{ id }}) = 15 then {{ id }} || {{ salesforce_check(id) }}
    when substr({{ id }}, 16) = {{ salesforce_check(id) }} then left({{ id }}, 15)
end
{%- endmacro %}

{# Each five characters give one: which of them are capitals. #}
{% macro salesforce_check(id) -%}
concat(
{%- for start in [1, 6, 11] %}
    substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1
    {%- for bit in range(5) %} + {{ 2 ** bit }} * (substr({{ id }}, {{ start + bit }}, 1) between 'A' and 'Z')::integer{% endfor %}, 1)
    {{- ',' if not loop.last }}
{%- endfor %}
)
{%- endmacro %}

{# The native id in a canonical one: what follows `<source>:`. #}
{% macro native_id(id) -%}
substr({{ id }}, length(source) + 2)
{%- endmacro %}

{# Decimal text in major units as minor units, exactly; null where it does not fit (refused as amount_too_long). #}
{% macro minor_units(amount, exponent) -%}
try_cast(replace({{ amount }}, '.', '') || repeat('0', {{ exponent }} - ({{ decimals(amount) }})) as bigint)
{%- endmacro %}

{% macro decimals(amount) -%}
case when contains({{ amount }}, '.') then length({{ amount }}) - instr({{ amount }}, '.') else 0 end
{%- endmacro %}

{# Refusal reason and detail of a row: the first condition that holds. `refusals` are [condition, reason, detail as SQL]. #}
{% macro refusal_columns(refusals) %}
case
{%- for refusal in refusals %}
    when {{ refusal[0] }} then '{{ refusal[1] }}'
{%- endfor %}
end as refusal_reason,
case
{%- for refusal in refusals %}
    when {{ refusal[0] }} then {{ refusal[2] }}
{%- endfor %}
end as refusal_detail
{% endmacro %}

{# The refusal of a row whose reference to a `thing` finds nothing. #}
{% macro unknown(thing, reference, found) %}
{{ return([reference ~ ' is not null and ' ~ found ~ ' is null', 'unknown_' ~ thing, "'no " ~ thing ~ " ' || " ~ reference]) }}
{% endmacro %}

{# Evidence dated after the business clock has no effect yet (fine-print 4). #}
{% macro is_future(instant) -%}
({{ instant }} > setting.as_of)
{%- endmacro %}

{# One of the amounts has more decimals than its currency (fine-print 2). #}
{% macro amount_has_too_many_decimals(amounts) -%}
({% for amount in amounts %}coalesce({{ decimals(amount) }}, 0) > currency.exponent{{ ' or ' if not loop.last }}{% endfor %})
{%- endmacro %}

{# One of the amounts does not fit into minor units. #}
{% macro amount_is_too_long(amounts) -%}
({% for amount in amounts %}{{ amount }} is not null and {{ minor_units(amount, 'currency.exponent') }} is null{{ ' or ' if not loop.last }}{% endfor %})
{%- endmacro %}

{# Records that are named but that no source delivers as a stream of its own: one per native id, of the first source that names it. #}
{% macro implied_records(stream, thing, referring_streams) %}
select
    referring.source,
    referring.reference as record_key,
    referring.reference as record_id,
    null::bigint as record,
    null::bigint as sequence,
    null::varchar as load_id,
    referring.reference
from (
    select reference, arg_min(source, coalesce(position, 0)) as source
    from (
{%- for referring in referring_streams %}
        select distinct source, {{ thing }}_reference as reference from ({{ union_of_sources(referring) }}) as record
        where {{ thing }}_reference is not null
        {{ 'union' if not loop.last }}
{%- endfor %}
    ) as named
    left join {{ source('config', 'source') }} as config_source using (source)
    group by reference
) as referring
where not exists (
    select * from {{ source('raw', 'load') }}
    where stream = '{{ stream }}' and source in (select source from {{ source('config', 'source') }})
)
{% endmacro %}

{# The canonical streams of the public contract, in its order. #}
{% macro canonical_streams() %}
{{ return([
    'partners', 'partner_agreements', 'accounts', 'contacts', 'leads', 'deals', 'deal_stages', 'deal_contacts', 'deal_registrations',
    'touchpoints', 'account_overlaps', 'billing_customers', 'subscriptions', 'invoices', 'invoice_lines', 'payments',
    'payment_adjustments', 'fx_rates', 'payouts', 'enablement',
]) }}
{% endmacro %}

{# The native id under which a refused record is listed: the first column of a file's key, else the whole key. #}
{% macro record_id(connector) -%}
{{ 'struct_extract_at(payload, 1)' if connector == 'files' else 'record_key' }}
{%- endmacro %}

{# Decimal text as a whole number of ten-thousandths: a checksum for the tests of a layer's boundary.
   DuckDB reads a text into a decimal of more than 18 digits 200 times slower, so only the long ones take that way. #}
{% macro ten_thousandths(amounts) -%}
{% for amount in amounts -%}
coalesce(case when length(record.{{ amount }}) <= 14 then record.{{ amount }}::decimal(18, 4) else record.{{ amount }}::decimal(22, 4) end, 0)
{{- ' + ' if not loop.last }}
{%- endfor %}
{%- endmacro %}
