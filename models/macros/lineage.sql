{# Keys of lineage: a record is `<stream>/<source>:<native key>`, so that the key of a record with a one-column key is its stream and its canonical id. #}
{% macro record_key(stream, table) -%}
'{{ stream }}/' || {{ table }}.source || ':' || {{ table }}.record_key
{%- endmacro %}

{# The streams whose records stand behind a figure of money, credit or commission. #}
{% macro money_streams() %}
{{ return([
    'partners', 'partner_agreements', 'accounts', 'leads', 'deals', 'deal_registrations', 'touchpoints', 'billing_customers',
    'subscriptions', 'invoices', 'invoice_lines', 'payments', 'payment_adjustments', 'fx_rates', 'payouts',
]) }}
{% endmacro %}
