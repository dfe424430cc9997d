-- The earliest copy of each event, as a table that grows by what was loaded since. An object may become visible after
-- one that was loaded later: the last hours are looked at again, and what is there already stays.
{{ config(materialized='incremental', incremental_strategy='append') }}

with copies as (
    select
        event_id,
        event_fingerprint,
        app_id,
        platform,
        event_vendor,
        event_name,
        event_version,
        collector_tstamp,
        derived_tstamp,
        load_tstamp,
        user_id,
        domain_userid,
        domain_sessionid,
        file_name,
        file_row
    from {{ source('snowplow', 'gitlab_events') }}
    where
        event_id is not null
        {% if is_incremental() %}
        and load_tstamp >= (
            select coalesce(max(load_tstamp), cast('1970-01-02' as timestamp)) - interval '{{ var("lookback_hours") }} hours'
            from {{ this }}
        )
        {% endif %}
    qualify row_number() over (
        partition by event_id, event_fingerprint
        order by collector_tstamp, load_tstamp, file_name, file_row
    ) = 1
)

select
    event_id,
    event_fingerprint,
    app_id,
    platform,
    event_vendor,
    event_name,
    event_version,
    collector_tstamp,
    -- A device's clock in the future would make the event younger than its own arrival.
    case when derived_tstamp > load_tstamp then load_tstamp else derived_tstamp end as derived_tstamp,
    load_tstamp,
    user_id,
    domain_userid,
    domain_sessionid
from copies
{% if is_incremental() %}
where not exists (
    select 1
    from {{ this }} as known
    where
        known.event_id = copies.event_id
        and known.event_fingerprint is not distinct from copies.event_fingerprint
)
{% endif %}
