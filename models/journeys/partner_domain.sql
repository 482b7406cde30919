-- Grain: one row per corporate domain of a partner; free-mail domains belong to no company (domain.md 2).
with

partners as (
    select * from {{ ref('partners') }}
),

free_mail_domains as (
    select * from {{ source('config', 'free_mail_domain') }}
),

domains as (
    select distinct domain
    from partners
    where
        domain is not null
        and domain not in (select free_mail_domains.domain from free_mail_domains)
),

numbered as (
    select
        domain,
        cast(row_number() over (order by domain) - 1 as integer) as domain_index
    from domains
)

select * from numbered
