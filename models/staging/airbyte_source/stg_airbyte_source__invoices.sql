-- Current record versions of `invoices` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_invoices('airbyte_source') }}
