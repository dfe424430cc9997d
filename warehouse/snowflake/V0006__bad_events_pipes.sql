-- To change a pipe: docs/warehouse.md, "Change a pipe".
create pipe snowplow.gitlab_enriched_bad_pipe
    auto_ingest = true
    as
copy into snowplow.gitlab_bad_events (
    jsontext,
    load_tstamp,
    file_name,
    file_row,
    file_modified,
    unread_cells
)
from (
    select
        try_parse_json($1),
        metadata$start_scan_time,
        metadata$filename,
        metadata$file_row_number,
        metadata$file_last_modified,
        iff($1 is not null and try_parse_json($1) is null, 1, 0)
    from @snowplow.gitlab_enriched_bad_stage
)
file_format = (format_name = 'snowplow.bad_event_lines')
on_error = continue;

create pipe snowplow.gitlab_raw_bad_pipe
    auto_ingest = true
    as
copy into snowplow.gitlab_bad_events (
    jsontext,
    load_tstamp,
    file_name,
    file_row,
    file_modified,
    unread_cells
)
from (
    select
        try_parse_json($1),
        metadata$start_scan_time,
        metadata$filename,
        metadata$file_row_number,
        metadata$file_last_modified,
        iff($1 is not null and try_parse_json($1) is null, 1, 0)
    from @snowplow.gitlab_raw_bad_stage
)
file_format = (format_name = 'snowplow.bad_event_lines')
on_error = continue;
