-- Current record versions of `invoices` from Stripe as types; references stay native ids, amounts decimal text.
{{ staged_invoices('stripe') }}
