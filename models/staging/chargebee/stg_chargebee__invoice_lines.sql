-- Current record versions of `invoice_lines` from Chargebee as types; references stay native ids, amounts decimal text.
{{ staged_invoice_lines('chargebee') }}
