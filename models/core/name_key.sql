-- Normalised names for linking (fine-print 1): NFKC, case folded, every run of non-alphanumerics one blank.
-- Only the distinct names that linking compares: customers that no better rank decides, and accounts of their countries.
with customer as (
    select distinct name, country
    from {{ ref('customer_account_candidate') }}
    where account_count is null
),

distinct_name as (
    select name from customer
    union
    select name
    from {{ ref('checked__accounts') }}
    where refusal_reason is null and country in (select country from customer)
),

ascii_name as (
    select name, lower(name) as folded
    from distinct_name
    where strlen(name) = length(name)
),

character as (
    select
        name,
        unnest(string_split(nfc_normalize(name), '')) as character,
        unnest(range(length(nfc_normalize(name)))) as position
    from distinct_name
    where strlen(name) > length(name)
),

folded_name as (
    select
        character.name,
        nfc_normalize(string_agg(coalesce(folding.folded, lower(character.character)), '' order by character.position)) as folded
    from character
    left join {{ ref('character_folding') }} as folding on folding.character = character.character
    group by character.name
)

select
    name,
    trim(regexp_replace(folded, '[^\p{L}\p{N}]+', ' ', 'g')) as name_key
from (
    select * from ascii_name
    union all
    select * from folded_name
)
