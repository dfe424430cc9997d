-- What the summary page reads (docs/summary-page.md): counts, never an event. A count of one to four is null.

-- Good and bad events by day, app, tracker and schema. Small cells of an app's day are joined to 'other'; what is still
-- under five is null. Every total on the page is a sum of these cells, so no difference of two shows a hidden one.
create or replace view ops.daily_counts as
with counted as (
    select
        to_date(collector_tstamp) as day,
        coalesce(app_id, 'unknown') as app_id,
        coalesce(v_tracker, 'unknown') as v_tracker,
        coalesce(event_vendor || '/' || event_name, 'unknown') as schema_name,
        'good' as kind,
        count(*) as events
    from events.events
    where coalesce(app_id, '') <> 'snowveil_canary'
    group by 1, 2, 3, 4
    union all
    select
        to_date(coalesce(failed_at, load_tstamp)) as day,
        app_id,
        v_tracker,
        coalesce(split_part(split_part(schema_key, ':', 2), '/', 1) || '/' || split_part(schema_key, '/', 2), 'unknown')
            as schema_name,
        'bad' as kind,
        count(*) as events
    from events.failures
    where app_id <> 'snowveil_canary'
    group by 1, 2, 3, 4
),
joined as (
    select
        day,
        app_id,
        iff(events < 5, 'other', v_tracker) as v_tracker,
        iff(events < 5, 'other', schema_name) as schema_name,
        kind,
        sum(events) as events
    from counted
    group by 1, 2, 3, 4, 5
)
select day, app_id, v_tracker, schema_name, kind, iff(events < 5, null, events) as events
from joined;

-- By hour and app; the page adds the apps up.
create or replace view ops.hourly_counts as
with counted as (
    select date_trunc('hour', collector_tstamp) as hour, coalesce(app_id, 'unknown') as app_id, 'good' as kind,
        count(*) as events
    from events.events
    where coalesce(app_id, '') <> 'snowveil_canary'
    group by 1, 2
    union all
    select date_trunc('hour', coalesce(failed_at, load_tstamp)) as hour, app_id, 'bad' as kind, count(*) as events
    from events.failures
    where app_id <> 'snowveil_canary'
    group by 1, 2
)
select hour, app_id, kind, iff(events < 5, null, events) as events
from counted;

-- The groups of failures, without their apps: a count of a group's app could be under five.
create or replace view ops.error_groups as
with counted as (
    select
        failure_kind, schema_key, error, keyword, json_path, explanation, is_scan,
        count(*) as failures,
        min(to_date(coalesce(failed_at, load_tstamp))) as first_day,
        max(to_date(coalesce(failed_at, load_tstamp))) as last_day
    from events.failures
    where app_id <> 'snowveil_canary'
    group by 1, 2, 3, 4, 5, 6, 7
)
select
    failure_kind, schema_key, error, keyword, json_path, explanation, is_scan,
    iff(failures < 5, null, failures) as failures,
    first_day,
    last_day
from counted;

-- Policies and keys in use, by how many events bear them.
create or replace view ops.policies_in_use as
with counted as (
    select policy_version, key_id, count(*) as events, min(to_date(collector_tstamp)) as first_day,
        max(to_date(collector_tstamp)) as last_day
    from events.io_snowveil_pseudonymization_1
    where entity_source = 'derived_contexts'
    group by 1, 2
)
select policy_version, key_id, iff(events < 5, null, events) as events, first_day, last_day
from counted;

-- Whether the canary's events arrive: its last one, null when there is none.
create or replace view ops.canary_seen as
select max(collector_tstamp) as last_sent, max(load_tstamp) as last_loaded
from events.events
where app_id = 'snowveil_canary';

-- Seconds from collector to table, by day.
create or replace view ops.daily_freshness as
select
    to_date(collector_tstamp) as day,
    approx_percentile(datediff(second, collector_tstamp, load_tstamp), 0.5) as p50_seconds,
    approx_percentile(datediff(second, collector_tstamp, load_tstamp), 0.95) as p95_seconds,
    max(datediff(second, collector_tstamp, load_tstamp)) as max_seconds
from events.events
group by 1
having count(*) >= 5;
