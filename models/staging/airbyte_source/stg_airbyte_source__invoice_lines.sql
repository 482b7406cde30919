-- Current record versions of `invoice_lines` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_invoice_lines('airbyte_source') }}
