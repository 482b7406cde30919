-- Deal registrations with partner, deal and account found, or the reason why not.
{{ checked_claims('deal_registrations') }}
