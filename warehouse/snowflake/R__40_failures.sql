-- One row for each failed event: its first message and that message's first report by path, the rest in `messages`.
-- The commonest error is the group (failure_kind, schema_key, error, keyword, json_path, explanation): a message itself
-- may be a pseudonym.
create or replace view events.failures as
with failed as (
    select
        file_name,
        file_row,
        load_tstamp,
        jsontext,
        jsontext:schema::varchar as failure_schema,
        jsontext:data.failure as failure,
        jsontext:data.payload as payload,
        coalesce(jsontext:data.failure.messages[0], jsontext:data.failure.message) as message
    from snowplow.gitlab_bad_events
),
parameter as (
    select file_name, file_row, f.value:name::varchar as name, f.value:value::varchar as value
    from failed, lateral flatten(input => payload:querystring) f
    union all
    select file_name, file_row, f.value:name::varchar as name, f.value:value::varchar as value
    from failed, lateral flatten(input => payload:raw.parameters) f
),
tracker as (
    select
        file_name,
        file_row,
        max(iff(name = 'aid', value, null)) as app_id,
        max(iff(name = 'tv', value, null)) as v_tracker,
        max(iff(name = 'p', value, null)) as platform
    from parameter
    group by file_name, file_row
)
select
    case
        when failure_schema like 'iglu:com.snowplowanalytics.snowplow.badrows/%' then split_part(failure_schema, '/', 2)
        when jsontext:failure_tstamp is not null then 'old_format'
        when jsontext is null then 'not_json'
        else 'unknown'
    end as failure_kind,
    jsontext:data.processor.artifact::varchar as processor,
    jsontext:data.processor.version::varchar as processor_version,
    try_to_timestamp_ntz(coalesce(failure:timestamp::varchar, jsontext:failure_tstamp::varchar)) as failed_at,
    coalesce(message:schemaKey::varchar, message:enrichment.schemaKey::varchar) as schema_key,
    message:error.error::varchar as error,
    message:error.dataReports[0].keyword::varchar as keyword,
    message:error.dataReports[0].path::varchar as json_path,
    coalesce(
        message:expectation::varchar,
        failure:expectation::varchar,
        message:message.expectation::varchar,
        message:message.error::varchar,
        message:error.dataReports[0].message::varchar,
        iff(message:error.error is null, message:error::varchar, null),
        jsontext:errors[0].message::varchar
    ) as explanation,
    failure:messages as messages,
    coalesce(payload:enriched.app_id::varchar, t.app_id, 'unknown') as app_id,
    coalesce(payload:enriched.v_tracker::varchar, t.v_tracker, 'unknown') as v_tracker,
    coalesce(payload:enriched.platform::varchar, t.platform, 'unknown') as platform,
    payload:enriched.event_id::varchar as event_id,
    jsontext:pseudonymization.policy_version::varchar as policy_version,
    jsontext:pseudonymization.key_id::varchar as key_id,
    -- Directory scans of bots: counted apart, as GitLab's runbook ignores them when they do not last.
    coalesce(failure_schema like '%/adapter_failures/%'
        and message:expectation::varchar like 'vendor/version combination is not supported%', false) as is_scan,
    f.load_tstamp,
    f.load_tstamp as uploaded_at,
    f.file_name,
    f.file_row
from failed f
left join tracker t on t.file_name = f.file_name and t.file_row = f.file_row;
