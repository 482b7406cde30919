{# What an entry of an earning adds to what its cause earned: the cost side is debited where it grows (attribution/commission/entry-sql.ts). #}
{% macro signed_minor() -%}
case when debit_account in ('commission_expense', 'contract_cost_asset') then amount_minor else -amount_minor end
{%- endmacro %}
