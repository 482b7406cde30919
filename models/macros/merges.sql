{# Merges are aliases: credit moves once, to the survivor at the end of the chain (domain.md 1). #}

{# CTEs over `record` (source, record_id, <key>, merged_into_reference): pointer, reached, survivor.
   `reached` holds every record that a chain passes; a record that reaches itself is in a cycle and is refused. Only merged rows are walked. #}
{% macro merge_ctes(record, key) %}
{{ record }}_by_native_id as (
    select record_id, any_value({{ key }}) as {{ key }}
    from {{ record }}
    where record_id in (select merged_into_reference from {{ record }})
    group by record_id
    having count(*) = 1
),
pointer as (
    select
        loser.{{ key }},
        coalesce(own.{{ key }}, elsewhere.{{ key }}) as target_id
    from {{ record }} as loser
    left join {{ record }} as own
        on own.source = loser.source and own.record_id = loser.merged_into_reference
    left join {{ record }}_by_native_id as elsewhere
        on elsewhere.record_id = loser.merged_into_reference
    where loser.merged_into_reference is not null
),
reached as (
    select {{ key }}, target_id from pointer where target_id is not null
    union
    select reached.{{ key }}, pointer.target_id
    from reached
    inner join pointer on pointer.{{ key }} = reached.target_id
    where pointer.target_id is not null
),
merge as (
    select
        pointer.{{ key }},
        max(reached.target_id) filter (where reached.target_id not in (select {{ key }} from pointer)) as survivor_id,
        coalesce(bool_or(reached.target_id = pointer.{{ key }}), false) as is_cycle
    from pointer
    left join reached on reached.{{ key }} = pointer.{{ key }}
    group by pointer.{{ key }}
)
{% endmacro %}

{# The last step of a checked stream with merges, over CTE `record`: a merged record whose survivor is refused points at nothing and is refused too. #}
{% macro refuse_losers_of_refused_survivors(record, key, thing) %}
select
    {{ record }}.* exclude (merged_into_reference) replace (
        case when survivor.refusal_reason is not null and {{ record }}.is_merged
            then coalesce({{ record }}.refusal_reason, 'unknown_{{ thing }}') else {{ record }}.refusal_reason end as refusal_reason,
        case when survivor.refusal_reason is not null and {{ record }}.is_merged
            then coalesce({{ record }}.refusal_detail, 'no {{ thing }} ' || {{ record }}.merged_into_reference) else {{ record }}.refusal_detail end as refusal_detail
    ),
    survivor.account_id as survivor_account_id
from {{ record }}
left join {{ record }} as survivor on survivor.{{ key }} = {{ record }}.survivor_id
{% endmacro %}
