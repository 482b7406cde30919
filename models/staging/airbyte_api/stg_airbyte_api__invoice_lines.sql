-- Current record versions of `invoice_lines` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_invoice_lines('airbyte_api') }}
